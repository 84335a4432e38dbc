"""Words that most often make up passwords in English, Russian and Ukrainian, and rows of keyboards.

Gathered by hand from what people are known to choose; the same words typed on the other layout too.
"""

_ROWS = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujmikolp",
    "q1w2e3r4t5y6u7i8o9p0",
    "1q2w3e4r5t6y7u8i9o0p",
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "йцукенгшщзхъ",
    "йцукенгшщзхї",
    "фывапролджэ",
    "фівапролджє",
    "ячсмитьбю",
    "йфяцычувскамепинртгоь",
    "!@#$%^&*()",
)

#: Rows of keyboards and alphabets, each in both directions.
KEYBOARD_ROWS = tuple(_ROWS) + tuple(row[::-1] for row in _ROWS)

_ENGLISH = """
    password passwort passwd pass word admin administrator root user login guest test demo default
    welcome letmein changeme change secret master access system manager supervisor operator agent client
    office company business computer internet server service support online mobile phone telephone number
    account iloveyou love lovely babygirl baby angel princess prince sunshine flower butterfly rainbow
    summer winter spring autumn monday friday january february march april june july august september
    october november december monkey dragon tiger eagle lion shadow ninja hunter killer warrior soldier
    batman superman spiderman pokemon starwars matrix football baseball basketball hockey soccer liverpool
    chelsea arsenal barcelona madrid london moscow russia ukraine kyiv america michael jennifer jessica
    michelle daniel andrew charlie thomas robert jordan ashley nicole george harley ranger buster maggie
    ginger pepper cookie chocolate cheese coffee banana orange purple yellow silver golden diamond forever
    freedom trustno1 trust whatever nothing something hello hallo hi zaq zaq1 abc qwe asd zxc qwer asdf
    correct horse battery staple outdial dialer callcenter call center
"""
_RUSSIAN = """
    пароль админ администратор привет любовь люблю тебя солнышко солнце зайка котик кошка собака наташа
    настя марина светлана екатерина катя ольга елена анна мария ирина татьяна юлия александр саша дмитрий
    дима максим андрей алексей сергей иван никита михаил владимир россия москва спартак зенит лето зима
    весна осень мама папа мамочка семья дети работа офис компания оператор менеджер звонок телефон добро
    пожаловать вход секрет гость тест друг счастье удача
    parol privet lubov lublu solnishko zaika kotik natasha nastya marina katya olga elena sasha dima
    maksim maxim andrey alexey sergey ivan nikita vladimir rossiya moskva spartak zenit leto zima vesna
    gfhjkm ghbdtn k.,jdm k.,k. yfnfif fylhtq fktrcfylh cthutq vfrcbv lvbnhbq vfvf gfgf
"""
_UKRAINIAN = """
    кохання люблю україна київ львів одеса харків слава героям сонце сонечко мама тато родина квітка
    літо весна осінь ласкаво просимо робота оператор таємниця гість щастя
    kohannya ukraina ukraine kiev kyiv lviv odesa odessa kharkiv dynamo dinamo slava gerojam soneczko
"""

#: Lower case, at least three characters each: shorter ones would eat good passwords.
COMMON_WORDS = frozenset(
    word for word in f"{_ENGLISH} {_RUSSIAN} {_UKRAINIAN}".split() if len(word) >= 3
)
