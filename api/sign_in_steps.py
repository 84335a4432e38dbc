"""The steps between the right password and the first page: their errors and their addresses."""

from campaigns.accounts.sessions import Due
from dialer.errors import Unauthenticated


class CodeDue(Unauthenticated):
    """The password was right; the second factor is asked for."""

    code = "code_due"
    message = "Show the code of your second factor first."


class PasswordDue(Unauthenticated):
    """Somebody else chose the password."""

    code = "password_due"
    message = "Choose a password of your own first."


class FactorDue(Unauthenticated):
    """The role needs a second factor, and there is none."""

    code = "factor_due"
    message = "Set up your second factor first."


_REFUSALS: dict[Due, type[Unauthenticated]] = {
    Due.CODE: CodeDue,
    Due.PASSWORD: PasswordDue,
    Due.FACTOR: FactorDue,
}

#: The page of each step of signing in, by the code of the error that leads to it.
STEPS = {
    CodeDue.code: "/sign-in/code",
    PasswordDue.code: "/sign-in/password",
    FactorDue.code: "/sign-in/second-factor",
}


def refusal_of(due: Due) -> Unauthenticated:
    """Return what a page raises while a step is due."""
    return _REFUSALS[due]()


def page_of(due: Due | None) -> str:
    """Return where a person goes whose step this is; without one, into the program."""
    return STEPS[_REFUSALS[due].code] if due else "/"
