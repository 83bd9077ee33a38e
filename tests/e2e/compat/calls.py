"""Reads tests/files/compat/calls.txt: every call a client makes, and what is true after it."""

import pathlib
import shlex

FILE = pathlib.Path(__file__).resolve().parents[2] / "files" / "compat" / "calls.txt"
PLAIN = "TFNI[]"  # tags without an argument


class Call:
    """One line. `tags` is None where the message ends after its address; `args` are texts."""

    def __init__(self, line, number):
        call, _, facts = line.partition("=>")
        self.line, self.number = " ".join(line.split()), number
        self.address, *rest = shlex.split(call)
        tags, self.args = (rest[0], rest[1:]) if rest else ("", [])
        self.tags = None if tags == "untagged" else tags
        self.facts = [fact.strip() for fact in facts.split(";") if fact.strip()]
        if len(self.args) != sum(tag not in PLAIN for tag in self.tags or ""):
            raise ValueError(f"{FILE.name}:{number}: tags and arguments differ in number")

    def values(self):
        """The arguments as Python has them, those without bytes too."""
        left = iter(self.args)
        kinds = {"i": int, "h": int, "f": float, "d": float, "s": str}
        return [kinds[tag](next(left)) for tag in self.tags or "" if tag not in PLAIN]

    @property
    def is_knob(self):
        return self.address.startswith(("/mod/", "/gate/"))

    def fact(self, word):
        """What follows this word in its fact; None where there is none such."""
        for fact in self.facts:
            if fact == word or fact.startswith(word + " "):
                return fact[len(word):].strip()
        return None


def load():
    with open(FILE, encoding="utf-8") as file:
        return [Call(line, number) for number, line in enumerate(file, 1)
                if line.startswith("/")]
