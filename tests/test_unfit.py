"""Sentences about what cannot be sent: the same in English as the pure package says them, and translated."""

import pytest
from django.utils import translation

from mailbox.mime.compose import Problem, Unfit
from mailbox.unfit import in_words


@pytest.mark.parametrize("problem", Problem)
def test_says_in_english_what_the_error_says(problem: Problem) -> None:
    error = Unfit("to", problem, "100 % {0}")

    with translation.override("en"):
        assert in_words(error) == str(error)


@pytest.mark.parametrize("problem", Problem)
def test_says_it_in_the_language_of_the_reader(problem: Problem) -> None:
    error = Unfit("to", problem, "bob@")

    with translation.override("ja"):
        assert in_words(error) != str(error)
        assert ("bob@" in in_words(error)) == ("bob@" in str(error))
