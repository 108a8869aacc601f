#!/usr/bin/env python
"""Agora's command line: `manage.py up` runs everything, `manage.py help` lists the rest."""

import os
import sys


def take_var_option(argv: list[str]) -> list[str]:
    """Move `--var DIR` into AGORA_VAR: settings need the directory before any command is parsed."""
    rest: list[str] = []
    arguments = iter(argv)
    for argument in arguments:
        if argument == "--var":
            value = next(arguments, "")
        elif argument.startswith("--var="):
            value = argument.removeprefix("--var=")
        else:
            rest.append(argument)
            continue
        if not value:
            sys.exit("--var needs a directory.")
        os.environ["AGORA_VAR"] = os.path.abspath(value)
    return rest


def main() -> None:
    """Run one command, with the embedded servers up for as long as it runs."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    argv = take_var_option(sys.argv)
    try:
        from config.command_line import run
    except ImportError as missing:
        sys.exit(f"{missing}. `make run` and `make test` install what is needed into .venv.")
    run(argv)


if __name__ == "__main__":
    main()
