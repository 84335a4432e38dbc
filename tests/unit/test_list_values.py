from datetime import date
from decimal import Decimal

import pytest

from campaigns.lists.columns.fields import ValueType
from campaigns.lists.columns.values import Value, typed

CASES = [
    (" Анна ", ValueType.TEXT, "Анна"),
    ("", ValueType.TEXT, None),
    ("42", ValueType.INTEGER, 42),
    ("1 200", ValueType.INTEGER, 1200),
    ("1\u00a0200", ValueType.INTEGER, 1200),
    ("-7", ValueType.INTEGER, -7),
    ("4.2", ValueType.INTEGER, None),
    ("12,5", ValueType.DECIMAL, Decimal("12.5")),
    ("12.5", ValueType.DECIMAL, Decimal("12.5")),
    ("1 234,56", ValueType.DECIMAL, Decimal("1234.56")),
    ("1,234.56", ValueType.DECIMAL, Decimal("1234.56")),
    ("1.234,56", ValueType.DECIMAL, Decimal("1234.56")),
    ("1,234,567", ValueType.DECIMAL, Decimal(1234567)),
    ("1,234", ValueType.DECIMAL, Decimal("1.234")),
    ("1,2,3", ValueType.DECIMAL, None),
    ("$1,234", ValueType.MONEY, Decimal(1234)),
    ("0,125 ₽", ValueType.MONEY, Decimal("0.125")),
    ("1 200,50 руб.", ValueType.MONEY, Decimal("1200.50")),
    ("EUR 15", ValueType.MONEY, Decimal(15)),
    ("fifteen", ValueType.MONEY, None),
    ("2026-12-31", ValueType.DATE, date(2026, 12, 31)),
    ("2026-12-31 10:15:00", ValueType.DATE, date(2026, 12, 31)),
    ("1.2.2026", ValueType.DATE, date(2026, 2, 1)),
    ("31/12/2026", ValueType.DATE, date(2026, 12, 31)),
    ("31.02.2026", ValueType.DATE, None),
    ("12.2026", ValueType.DATE, None),
    ("Да", ValueType.BOOLEAN, True),
    ("ні", ValueType.BOOLEAN, False),
    ("TRUE", ValueType.BOOLEAN, True),
    ("0", ValueType.BOOLEAN, False),
    ("maybe", ValueType.BOOLEAN, None),
]


@pytest.mark.parametrize(("text", "value_type", "value"), CASES)
def test_text_means_its_type(text: str, value_type: ValueType, value: Value) -> None:
    found = typed(text, value_type)
    assert found == value
    assert type(found) is type(value)
