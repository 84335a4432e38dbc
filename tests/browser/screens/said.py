"""What is said in each language: see ``words``."""

from tests.browser.screens.words import Words, form_in, script_in


def _article(kind: str, language: str, title: str, body: str, *tags: str) -> dict[str, object]:
    return {"kind": kind, "language": language, "title": title, "body": body, "tags": tags}


ENGLISH = Words(
    region="GB",
    zone="Europe/London",
    number="+4420794601",  # Source: Ofcom, "Telephone numbers for use in TV and radio drama"
    agent="Emma Clarke",
    agents=("James Reed", "Grace Moore", "Oliver Hunt"),
    logins=("admin.harris", "kate.manager", "tom.supervisor", "acme.reader"),
    people=(
        *("Anna Bennett", "Peter Walsh", "Lucy Grant", "Martin Cole", "Sarah Young", "Ian Price"),
        *("Helen Shaw", "David Ross", "Nora Black", "Simon Field", "Alice Wood", "Mark Stone"),
    ),
    columns=(
        ("City", "Leeds"),
        ("Order", "No. 40217"),
        ("Delivered on", "21 November"),
        ("E-mail", "anna@example.com"),
    ),
    lists=("November orders", "Regular customers"),
    campaigns=("Delivery survey", "Winter offer", "Debt reminders"),
    greeting="Good day! This is Emma from Sweet Home. May I ask you four short questions?",
    notes=("Asked to call after four o'clock.", "Likes to be called in the morning."),
    forced="Team meeting in room 2, ten minutes",
    sales="Sales department",
    form=form_in("en"),
    script_name="Delivery: what to say",
    script=script_in("en"),
    articles=(
        _article(
            "objection",
            "en",
            "It is too expensive",
            "Compare the **prices**: ours includes delivery.\n\n1. Say the price with delivery.\n"
            "2. Ask what they compare with.",
            "price",
        ),
        _article("objection", "en", "I do not need it", "Ask what they use now.", "refusal"),
        _article("article", "en", "Delivery times", "London: 1 day. Leeds: 2 days.", "delivery"),
    ),
    file=(
        "Name,Phone,City,Sum\n"
        "Anna Bennett,020 7946 0101,Leeds,40.50\n"
        "Peter Walsh,+44 20 7946 0102,London,12.00\n"
        "Peter Walsh,02079460102,London,12.00\n"
        "No Number,none,York,0.00\n"
        "From a table,4.42E+11,Bath,10.00\n"
    ),
)

RUSSIAN = Words(
    region="RU",
    zone="Europe/Moscow",
    number="+79430001",  # +7 943 is assigned to nobody
    agent="Ольга Смирнова",
    agents=("Иван Петров", "Мария Козлова", "Дмитрий Орлов"),
    logins=("admin.volkova", "anna.manager", "sergey.supervisor", "acme.reader"),
    people=(
        *("Анна Петрова", "Пётр Васильев", "Елена Соколова", "Игорь Новиков", "Светлана Морозова"),
        *("Андрей Лебедев", "Наталья Зайцева", "Юрий Павлов", "Татьяна Егорова", "Олег Никитин"),
        *("Вера Тихонова", "Максим Белов"),
    ),
    columns=(
        ("Город", "Казань"),
        ("Заказ", "№ 40217"),
        ("Доставлен", "21 ноября"),
        ("Почта", "anna@example.com"),
    ),
    lists=("Заказы ноября", "Постоянные клиенты"),
    campaigns=("Опрос о доставке", "Зимнее предложение", "Напоминания о долге"),
    greeting="Добрый день! Это Ольга, компания Sweet Home. Можно задать вам четыре вопроса?",
    notes=("Просила звонить после 16:00.", "Удобнее говорить утром."),
    forced="Собрание группы в комнате 2, десять минут",
    sales="Отдел продаж",
    form=form_in("ru"),
    script_name="Доставка: что говорить",
    script=script_in("ru"),
    articles=(
        _article(
            "objection",
            "ru",
            "Слишком дорого",
            "Сравните **цены**: у нас доставка включена в стоимость.\n\n1. Назовите цену с доставкой."
            "\n2. Спросите, с чем сравнивают.",
            "цена",
        ),
        _article("objection", "ru", "Мне это не нужно", "Спросите, чем пользуются.", "отказ"),
        _article("article", "ru", "Сроки доставки", "Москва: 1 день. Казань: 2 дня.", "доставка"),
    ),
    file=(
        "ФИО;Телефон;Город;Сумма\n"
        "Петрова Анна;8 943 000-10-01;Казань;1500 руб.\n"
        "Васильев Пётр;+7 943 000-10-02;Москва;300 руб.\n"
        "Васильев Пётр;89430001002;Москва;300 руб.\n"
        "Без телефона;нет;Москва;0 руб.\n"
        "Из таблицы;7,9E+10;Москва;10 руб.\n"
    ),
)

UKRAINIAN = Words(
    region="UA",
    zone="Europe/Kyiv",
    number="+380390000",  # no operator has +380 39
    agent="Оксана Коваль",
    agents=("Іван Петренко", "Марія Бондар", "Дмитро Шевчук"),
    logins=("admin.tkachenko", "hanna.manager", "serhiy.supervisor", "acme.reader"),
    people=(
        *("Олена Шевченко", "Петро Мельник", "Ірина Кравець", "Ігор Лисенко", "Світлана Гончар"),
        *("Андрій Савчук", "Наталія Бойко", "Юрій Павленко", "Тетяна Руденко", "Олег Марченко"),
        *("Віра Поліщук", "Максим Білик"),
    ),
    columns=(
        ("Місто", "Львів"),
        ("Замовлення", "№ 40217"),
        ("Доставлено", "21 листопада"),
        ("Пошта", "olena@example.com"),
    ),
    lists=("Замовлення листопада", "Постійні клієнти"),
    campaigns=("Опитування про доставку", "Зимова пропозиція", "Нагадування про борг"),
    greeting="Добрий день! Це Оксана, компанія Sweet Home. Можна поставити вам чотири запитання?",
    notes=("Просила дзвонити після 16:00.", "Зручніше говорити вранці."),
    forced="Нарада групи в кімнаті 2, десять хвилин",
    sales="Відділ продажів",
    form=form_in("uk"),
    script_name="Доставка: що казати",
    script=script_in("uk"),
    articles=(
        _article(
            "objection",
            "uk",
            "Занадто дорого",
            "Порівняйте **ціни**: у нас доставка входить у вартість.\n\n1. Назвіть ціну з доставкою."
            "\n2. Запитайте, з чим порівнюють.",
            "ціна",
        ),
        _article(
            "objection", "uk", "Мені це не потрібно", "Запитайте, чим користуються.", "відмова"
        ),
        _article("article", "uk", "Терміни доставки", "Київ: 1 день. Львів: 2 дні.", "доставка"),
    ),
    file=(
        "ПІБ;Телефон;Місто;Сума\n"
        "Шевченко Олена;+380 39 000 10 01;Львів;1500 грн\n"
        "Мельник Петро;+380 39 000 10 02;Київ;300 грн\n"
        "Мельник Петро;380390001002;Київ;300 грн\n"
        "Без телефону;немає;Київ;0 грн\n"
        "З таблиці;3,8E+11;Київ;10 грн\n"
    ),
)

SAID = {"en": ENGLISH, "ru": RUSSIAN, "uk": UKRAINIAN}
