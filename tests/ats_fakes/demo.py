"""The demo ATS with the questions that the shared suite asks of every ATS, whichever API is in front of it."""

from dataclasses import dataclass
from typing import Any

from rapport.ats.demo.server import DemoAts
from rapport.ats.demo.workable_rows import person_of


@dataclass(slots=True)
class Steered(DemoAts):
    """The demo ATS, steered by a test; ids are those of the vendor that it `speaks` for."""

    speaks: str = "demo"

    def person(self, email: str, **fields: Any) -> str:
        """Somebody with an address; the id that they have for the vendor that the ATS speaks for."""
        names = {"first_name": "Ana", "last_name": "Lima"}
        return self.id_of("person", self.new_person(**names | fields, emails=[email] if email else []))

    def applies(self, person: str, job: str = "Backend Engineer", **fields: Any) -> str:
        """Somebody applies; the application by its own name."""
        return self.apply(self.name_of(person), job, **fields)

    def id_of(self, kind: str, name: str) -> str:
        """What the vendor calls a thing: Greenhouse has numbers."""
        return str(self.number(kind, name)) if self.speaks == "greenhouse" else name

    def name_of(self, number: str, kind: str = "person") -> str:
        """Who or what has a vendor's id."""
        if self.speaks == "greenhouse":
            return self.named(kind, int(number))
        # Whoever applied in Workable is known by the application.
        return person_of(self, number) if self.speaks == "workable" and kind == "person" else number

    def pages_of(self, size: int) -> None:
        """The longest page of every API."""
        self.greenhouse.largest_page = self.lever.largest_page = self.workable.largest_page = size

    def tags_of(self, person: str) -> list[str]:
        """Their tags, without those that stand for pools."""
        return [tag for tag in self.people[self.name_of(person)].tags if not tag.startswith("pool:")]

    def notes_of(self, person: str) -> list[str]:
        """Their notes."""
        return [note["text"] for note in self.people[self.name_of(person)].notes]

    def pools_of(self, person: str) -> list[str]:
        """Their pools, also those that are tags."""
        known = self.people[self.name_of(person)]
        return known.pools + [tag.removeprefix("pool: ") for tag in known.tags if tag.startswith("pool: ")]

    def people_with(self, email: str) -> list[str]:
        """Whoever has an address."""
        return [self.id_of("person", name) for name, known in self.people.items() if email in known.emails]
