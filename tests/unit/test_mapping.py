import pytest

from campaigns.lists.mapping import NoPhoneColumn, propose
from campaigns.lists.reading import Table

NUMBER = "+7 (943) 000-00-01"


def table(*columns: tuple[str, str]) -> Table:
    """Return ten equal rows; a column is its heading and its cell."""
    return Table([name for name, _ in columns], [[cell for _, cell in columns]] * 10)


@pytest.mark.parametrize(
    "heading",
    [
        "Phone",
        "Mobile",
        "tel.",
        "Cell",
        "PHONE_NUMBER",
        "Телефон",
        "Моб.",
        "Сотовый",
        "тел",
        "Номер телефону",
        "Мобільний",
        "Контактный номер",
        "WhatsApp",
        "Номер",
    ],
)
def test_a_heading_names_the_phone(heading: str) -> None:
    found = propose(table(("id", "12345678901"), (heading, NUMBER), ("City", "Самара")))
    assert found.phone_columns == (1,)


def test_further_phones_follow_the_first_wherever_they_stand() -> None:
    found = propose(
        table(("Доп. телефон", NUMBER), ("Телефон", NUMBER), ("Phone 2", NUMBER), ("Fax", NUMBER))
    )
    assert found.phone_columns == (1, 0, 2)


@pytest.mark.parametrize("heading", ["Телефонист", "Phone type", "Тип телефона"])
def test_a_heading_is_not_believed_against_its_cells(heading: str) -> None:
    found = propose(table((heading, "Анна"), ("Contact", NUMBER)))
    assert found.phone_columns == (1,)


def test_a_named_column_without_one_good_cell_is_still_the_phone() -> None:
    assert propose(table(("Телефон", "нет"), ("Город", "Самара"))).phone_columns == (0,)


def test_cells_tell_where_headings_do_not() -> None:
    found = propose(table(("column 1", "Анна"), ("column 2", NUMBER), ("column 3", "2026-11-22")))
    assert found.phone_columns == (1,)


@pytest.mark.parametrize("heading", ["ИНН", "ЄДРПОУ", "Номер договора", "Счёт", "Order number"])
def test_register_numbers_are_no_phones(heading: str) -> None:
    with pytest.raises(NoPhoneColumn) as caught:
        propose(table((heading, "7707083893"), ("Город", "Самара")))
    assert caught.value.code == "no_phone_column"


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (["ФИО", "Телефон", "Компания"], (0,)),
        (["Телефон", "Прізвище", "Ім'я"], (1, 2)),
        (["Phone", "First", "Last", "Company"], (1, 2)),
        (["Phone", "first_name", "last_name"], (1, 2)),
        (["Phone", "Full name", "First name"], (1,)),
        (["Телефон", "ПІБ"], (1,)),
        (["Phone", "Company name", "City"], (1,)),
        (["Телефон", "Фамилия", "Имя", "Отчество"], (1, 2, 3)),
        (["Phone", "File name", "Username"], ()),
    ],
)
def test_names_are_found(headings: list[str], expected: tuple[int, ...]) -> None:
    columns = [(name, NUMBER if name in ("Phone", "Телефон") else "x") for name in headings]
    assert propose(table(*columns)).name_columns == expected
