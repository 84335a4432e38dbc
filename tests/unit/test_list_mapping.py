import pytest

from campaigns.lists.columns.mapping import (
    ColumnField,
    ColumnUse,
    Mapping,
    MappingFault,
    NoPhoneColumn,
    ValueType,
    headings_digest,
    propose,
)
from campaigns.states import PhoneKind

NUMBER = "+7 (943) 000-00-01"


def proposed(*columns: tuple[str, str]) -> Mapping:
    """Propose for ten equal rows; a column is its heading and its cell."""
    return propose([name for name, _ in columns], [[cell for _, cell in columns]] * 10)


def uses(mapping: Mapping) -> dict[int, ColumnUse]:
    return {use.column: use for use in mapping.uses}


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
    found = proposed(("id", "12345678901"), (heading, NUMBER), ("City", "Самара"))
    assert found.phone_columns == (1,)


def test_further_phones_follow_the_first_wherever_they_stand() -> None:
    found = proposed(
        ("Доп. телефон", NUMBER), ("Телефон", NUMBER), ("Phone 2", NUMBER), ("Fax", NUMBER)
    )
    assert found.phone_columns == (1, 0, 2)


@pytest.mark.parametrize("heading", ["Телефонист", "Phone type", "Тип телефона"])
def test_a_heading_is_not_believed_against_its_cells(heading: str) -> None:
    found = proposed((heading, "Анна"), ("Contact", NUMBER))
    assert found.phone_columns == (1,)


def test_a_named_column_without_one_good_cell_is_still_the_phone() -> None:
    assert proposed(("Телефон", "нет"), ("Город", "Самара")).phone_columns == (0,)


def test_cells_tell_where_headings_do_not() -> None:
    found = proposed(("column 1", "Анна"), ("column 2", NUMBER), ("column 3", "2026-11-22"))
    assert found.phone_columns == (1,)


@pytest.mark.parametrize("heading", ["ИНН", "ЄДРПОУ", "Номер договора", "Счёт", "Order number"])
def test_register_numbers_are_no_phones(heading: str) -> None:
    with pytest.raises(NoPhoneColumn) as caught:
        proposed((heading, "7707083893"), ("Город", "Самара"))
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
    assert proposed(*columns).name_columns == expected


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("ID клиента", ColumnField.EXTERNAL_KEY),
        ("customer_id", ColumnField.EXTERNAL_KEY),
        ("Код клієнта", ColumnField.EXTERNAL_KEY),
        ("Фамилия", ColumnField.LAST_NAME),
        ("По батькові", ColumnField.MIDDLE_NAME),
        ("Компания", ColumnField.COMPANY),
        ("Язык", ColumnField.LANGUAGE),
        ("Мова", ColumnField.LANGUAGE),
        ("State", ColumnField.REGION),
        ("Область", ColumnField.REGION),
        ("ZIP", ColumnField.POSTAL_CODE),
        ("Поштовий індекс", ColumnField.POSTAL_CODE),
        ("Часовой пояс", ColumnField.ZONE),
        ("timezone", ColumnField.ZONE),
        ("Приоритет", ColumnField.PRIORITY),
        ("Відповідальний", ColumnField.OWNER),
        ("Теги", ColumnField.TAGS),
        ("Город", ColumnField.CUSTOM),
        ("Дата договора", ColumnField.CUSTOM),
        ("Username", ColumnField.CUSTOM),
        ("Stateless", ColumnField.CUSTOM),
    ],
)
def test_headings_of_three_languages_are_known(heading: str, field: ColumnField) -> None:
    assert uses(proposed((heading, "x"), ("Телефон", NUMBER)))[0].field is field


def test_of_two_columns_for_one_field_the_first_is_taken() -> None:
    found = uses(proposed(("Регион", "x"), ("Область", "y"), ("Телефон", NUMBER)))
    assert [found[0].field, found[1].field] == [ColumnField.REGION, ColumnField.CUSTOM]


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Телефон", None),
        ("Моб. телефон", PhoneKind.MOBILE),
        ("Домашний телефон", PhoneKind.HOME),
        ("Робочий телефон", PhoneKind.WORK),
        ("Cell", PhoneKind.MOBILE),
    ],
)
def test_headings_say_what_a_number_is_for(heading: str, kind: PhoneKind | None) -> None:
    assert uses(proposed((heading, NUMBER)))[0].kind is kind


@pytest.mark.parametrize(
    ("cell", "value_type"),
    [
        ("31.12.2026", ValueType.DATE),
        ("2026-12-31", ValueType.DATE),
        ("12,5", ValueType.DECIMAL),
        ("1 200,50 ₽", ValueType.MONEY),
        ("42", ValueType.INTEGER),
        ("0042", ValueType.TEXT),
        ("да", ValueType.BOOLEAN),
        ("31.02.2026", ValueType.TEXT),
        ("Самара", ValueType.TEXT),
        ("", ValueType.TEXT),
    ],
)
def test_types_are_guessed_from_the_cells(cell: str, value_type: ValueType) -> None:
    assert uses(proposed(("Телефон", NUMBER), ("Значение", cell)))[1].value_type is value_type


def test_one_odd_cell_makes_a_small_column_text() -> None:
    rows = [[NUMBER, "12"]] * 9 + [[NUMBER, "twelve"]]
    assert uses(propose(["Phone", "Sum"], rows))[1].value_type is ValueType.TEXT


def test_a_mapping_comes_back_from_its_json() -> None:
    columns = ["Моб.", "ФИО", "Дата", "Теги"]
    mapping = propose(columns, [[NUMBER, "Анна", "31.12.2026", "a"]] * 3)
    stored = mapping.as_json(columns)
    assert Mapping.from_json(stored, columns) == mapping
    moved = ["Дата", "Моб.", "Теги", "ФИО"]
    assert Mapping.from_json(stored, moved).phone_columns == (1,)
    assert Mapping.from_json(stored, moved).name_columns == (3,)


def test_columns_a_person_left_out_are_kept_as_text() -> None:
    data = {"columns": [{"column": "B", "field": "phone"}]}
    found = uses(Mapping.from_json(data, ["A", "B", "C"]))
    assert [found[at].field for at in range(3)] == ["custom", "phone", "custom"]


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ([{"column": "Z", "field": "phone"}], "no column “Z”"),
        ([{"column": "A", "field": "phone"}, {"column": "A", "field": "name"}], "mapped twice"),
        (
            [
                {"column": "A", "field": "phone"},
                {"column": "B", "field": "name"},
                {"column": "C", "field": "name"},
            ],
            "“B” and “C”",
        ),
        ([{"column": "A", "field": "name"}], "phone numbers"),
        ([{"column": "A", "field": "telephone"}], "something unknown"),
        ([{"column": "A", "field": "phone", "kind": "pager"}], "something unknown"),
        (["A"], "no column “A”"),
        ("A", "a list of columns"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(entries: object, sentence: str) -> None:
    with pytest.raises(MappingFault, match=sentence):
        Mapping.from_json({"columns": entries}, ["A", "B", "C"])


def test_other_headings_have_another_digest() -> None:
    assert headings_digest(["A", "B"]) == headings_digest(("A", "B"))
    assert headings_digest(["A", "B"]) != headings_digest(["B", "A"])
