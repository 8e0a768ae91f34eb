import io
import logging
import logging.config

import pytest

from barometre_pipeline.cli.display import shown_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(name: str, done: int, total: int) -> None:
    logging.getLogger(f"barometre.{name}").info("sante", extra={"done": done, "total": total})


def test_without_a_terminal_each_complete_count_is_one_plain_line(capsys):
    with shown_progress():
        for n in (1, 2):
            told("extract", n, 2)
        logging.getLogger("barometre.publish").info("nothing changed")
    assert capsys.readouterr().err == "Fetching the deliveries: 2/2\nPublishing: nothing changed\n"


@pytest.mark.parametrize("reconfigured", [False, True])
def test_on_a_terminal_the_bars_go_on_even_when_logging_is_configured_meanwhile(monkeypatch, reconfigured):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with shown_progress():
        if reconfigured:
            logging.config.dictConfig({"version": 1, "disable_existing_loggers": False})
        told("extract", 1, 2)
        told("extract", 2, 2)
    assert "Fetching the deliveries" in terminal.getvalue() and "2/2" in terminal.getvalue()
