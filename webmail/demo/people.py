"""Who writes in the demo. Their domains are reserved for examples (RFC 2606, 6761): nothing can reach a stranger."""

from dataclasses import dataclass
from datetime import timedelta, timezone


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an address; `zone` in hours east of Greenwich."""

    name: str
    address: str
    zone: int = 0

    @property
    def domain(self) -> str:
        """The part of the address after the @."""
        return self.address.partition("@")[2]

    @property
    def time_zone(self) -> timezone:
        """Where the person's clock stands."""
        return timezone(timedelta(hours=self.zone))


READERS = {
    "alice": Person("Alice Moreau", "alice@home.test", 1),
    "bob": Person("Bob Tanaka", "bob@home.test", 1),
}
PEOPLE = READERS | {
    "charlie": Person("Charlie Moreau", "charlie@riverside.example"),
    "rose": Person("Rose Moreau", "rose@village.example"),
    "haruko": Person("田中 春子", "haruko@sakura.example", 9),
    "ken": Person("佐藤 健", "ken.sato@minato-books.example", 9),
    "dana": Person("Dana Whitfield", "dana@harbour-studio.example"),
    "emil": Person("Emil Novak", "emil@harbour-studio.example", 1),
    "zoe": Person("Zoë Lefèvre", "zoe@cafe-lumiere.example", 1),
    "priya": Person("Priya Nair", "priya@commons.example"),
    "tom": Person("Tom Hollis", "tom@tinkerers.example"),
    "list": Person("Bicycle Kitchen", "bicycle-kitchen@lists.commons.example"),
    "kitchen": Person("The Slow Kitchen", "letter@slow-kitchen.example"),
    "paper": Person("Pine & Paper", "orders@pine-and-paper.example"),
    "energy": Person("Green Hill Energy", "billing@green-hill-energy.example"),
    "rail": Person("Valley Rail", "tickets@valley-rail.example"),
    "guesthouse": Person("Lakeview Guesthouse", "stay@lakeview-guesthouse.example", 1),
    "library": Person("Town Library", "no-reply@library.example"),
    "bank": Person("Commonfield Bank", "notices@commonfield-bank.example"),
    "not-the-bank": Person("Commonfield Bank", "security@commonfield-help.example"),
    "housing": Person("Mill Lane Homes", "office@mill-lane-homes.example"),
    "dentist": Person("Dr Adler's practice", "reception@dr-adler.example"),
    "school": Person("Mill Lane School", "office@mill-lane-school.example"),
    "choir": Person("Riverside Choir", "tickets@riverside-choir.example"),
    "shelf": Person("Shelf", "hello@shelf-photos.example"),
    "shelf-security": Person("Shelf", "security@shelf-photos.example"),
    "garden": Person("Gartenverein Sonnenhang", "vorstand@gartenverein.example", 1),
    "hana": Person("花くらし", "letter@hanakurashi.example", 9),
    "fukurou": Person("ふくろう便", "notice@fukurou-bin.example", 9),
    "prize": Person("Prize Desk", "win@lucky-prize.example"),
    "berg": Person("Jonas Berg", "berg@ferry-museum.example", 1),
}
