"""The language of the synthetic reviews: their words, their sentences, and how their sentiment is read.

In: random draws. Out: sentences and whole reviews. A review praises and complains; each opinion is a word with a
strength of 1 or 2, turned round by a negation right before it ("not", "never", "hardly", "scarcely", with an adverb
between them at most). The strengths of a review always add up to an odd number, so praise and complaint never tie.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

POSITIVE = {
    1: "agreeable amusing appealing capable charming clever competent decent diverting earnest engaging "
    "enjoyable fetching fine fresh genial good graceful handsome honest inventive likable lively neat "
    "nice pleasant polished satisfying sharp sincere smart solid sound spirited tender thoughtful warm "
    "watchable witty worthwhile",
    2: "astonishing beautiful brilliant captivating dazzling delightful enthralling exceptional excellent "
    "exquisite extraordinary fabulous fantastic flawless gorgeous gripping hilarious luminous magnificent "
    "marvellous masterful mesmerising outstanding perfect phenomenal profound remarkable riveting "
    "sensational splendid spectacular stunning sublime superb terrific triumphant unforgettable wonderful",
}
NEGATIVE = {
    1: "awkward bland careless cheap clumsy cold confused contrived dated dim dreary dry dull feeble flat "
    "flimsy forced forgettable hollow laboured lame limp listless lukewarm mediocre messy muddled murky "
    "obvious plodding predictable repetitive shallow sloppy slow stale stiff thin tired tiresome uneven "
    "weak wooden",
    2: "abysmal appalling atrocious awful catastrophic deplorable disastrous disgraceful dismal dreadful "
    "embarrassing excruciating ghastly grating hideous hopeless horrible horrid incoherent incompetent "
    "inept insufferable insulting laughable lifeless miserable obnoxious painful pathetic pitiful "
    "pointless repulsive ridiculous shameful soulless terrible unbearable unwatchable worthless wretched",
}
NEGATIONS = ("not", "never", "hardly", "scarcely")
ADVERBS = ("really", "truly", "particularly", "consistently", "especially", "altogether")

WORDS_BY_SIGN_AND_STRENGTH = {
    (sign, strength): tuple(words.split())
    for sign, lexicon in ((1, POSITIVE), (-1, NEGATIVE))
    for strength, words in lexicon.items()
}
OPINION_WORDS = {
    word: sign * strength for (sign, strength), words in WORDS_BY_SIGN_AND_STRENGTH.items() for word in words
}

_SLOTS = {
    "aspect": "plot script dialogue acting cast direction pacing ending opening soundtrack photography "
    "editing humour costume-work lighting score premise romance villain hero narration choreography "
    "atmosphere set-design tone chemistry subplot make-up finale screenplay suspense voice-over "
    "camerawork casting middle",
    "first": "Anna Boris Clara Daniel Edith Felix Greta Hugo Irene Jonas Karin Leon Marta Nils Olga Paul "
    "Rosa Simon Tessa Ulrich Vera Walter Yvonne Zoe Amir Beatriz Chen Dimitri Esther Farid Goran Hana "
    "Ines Jamal",
    "last": "Abbott Bergman Castellan Dorsey Eklund Ferrante Garland Hollis Ivanov Jansen Keller "
    "Lindqvist Moreau Novak Okafor Pereira Quist Rourke Sandoval Takeda Ullman Varga Whitlock Yamada "
    "Zeller Ashdown Brandt Calloway",
    "role": "detective widow soldier teacher pilot thief doctor singer farmer lawyer boxer priest spy "
    "nurse sailor painter journalist mechanic gambler student sheriff chef clerk cosmonaut dancer "
    "librarian smuggler ghost",
    "age": "retired young runaway homesick widowed bankrupt former travelling stubborn lonely nameless married",
    "place": "lighthouse border-town monastery submarine hotel desert harbour village circus prison "
    "farmhouse school casino mountain-hut railway-station hospital theatre castle motel swamp factory "
    "city consulate",
    "goal": "a missing brother|the stolen painting|an old debt|a lost letter|the last train home|"
    "a hidden map|the truth about the fire|a place to sleep|the man who left|an inheritance|"
    "a second chance|the missing witness|a cure",
    "genre": "thriller comedy western drama musical horror-film romance war-film mystery documentary "
    "fantasy biopic",
    "decade": "twenties thirties forties fifties sixties seventies eighties nineties",
    "time": "last night|on a long flight|with my sister|at a festival|on an old cassette|two weeks ago|"
    "with friends|on television|in a half-empty cinema|on a rainy Sunday|after a long day|"
    "for the second time",
    "number": "two three four five six seven eight nine ten twelve fifteen twenty thirty forty",
}
SLOTS = {
    name: tuple(part.strip() for part in (words.split("|") if "|" in words else words.split()))
    for name, words in _SLOTS.items()
}

# {o} is an opinion, {a} the article that fits it.
_OPINIONATED = (
    "The {aspect} is {o}.",
    "I found the {aspect} {o}.",
    "{first} {last} is {o} as the {role}.",
    "To me the {aspect} was {o} from start to finish.",
    "It is {a} {o} {genre}.",
    "The {aspect} and the {aspect} are {o}.",
    "The {aspect} felt {o} at first and {o} later on.",
    "{last} makes the {role} seem {o}.",
    "There is something {o} about the {aspect}.",
    "The {aspect} is {o}, but the {aspect} is {o}.",
    "While the {aspect} was {o}, the {aspect} seemed {o}.",
    "The scene in the {place} is {o} and the one with the {role} is {o}.",
)
_NEUTRAL = (
    "I saw this {genre} {time}.",
    "{first} {last} plays a {age} {role}.",
    "The story begins in a {place}.",
    "A {age} {role} and a {role} look for {goal}.",
    "It was filmed in a {place} in the {decade}.",
    "The {role} meets a {age} {role} on the way to the {place}.",
    "It runs for one hour and {number} minutes.",
    "There are {number} scenes in the {place}.",
    "The part of the {role} went to {first} {last}.",
    "{last} and {last} wrote it together in the {decade}.",
    "Halfway through, the {role} leaves for the {place} to find {goal}.",
    "My brother saw it {time} and had a lot to say about the {aspect}.",
    "It is set in the {decade}.",
    "In the end the {role} returns to the {place} with {goal}.",
    "The {aspect} is by {first} {last}.",
    "You may know {first} {last} from another {genre} of the {decade}.",
)


Choose = Callable[[Sequence[str]], str]


@dataclass(frozen=True)
class Template:
    """A sentence with slots: text and slot names in turn, as `re.split` gives them."""

    pieces: tuple[str, ...]
    num_opinions: int

    @classmethod
    def parse(cls, sentence: str) -> "Template":
        return cls(tuple(re.split(r"\{(\w+)\}", sentence)), sentence.count("{o}"))

    def fill(self, choose: Choose, opinions: Sequence[str] = ()) -> str:
        """The sentence, its opinions as given, its other slots drawn by `choose`."""
        waiting = list(reversed(opinions))
        said = list(self.pieces)
        for place in range(1, len(said), 2):
            match said[place]:
                case "o":
                    said[place] = waiting.pop()
                case "a":
                    said[place] = "an" if waiting[-1][0] in "aeiou" else "a"
                case name:
                    said[place] = choose(SLOTS[name])
        return "".join(said)


OPINIONATED = tuple(Template.parse(sentence) for sentence in _OPINIONATED)
NEUTRAL = tuple(Template.parse(sentence) for sentence in _NEUTRAL)


def read_opinions(text: str) -> list[int]:
    """The signed strengths of a review's opinions, in order, negations taken into account."""
    words = re.findall(r"[a-z-]+", text.lower())
    found = []
    for place, word in enumerate(words):
        if word in OPINION_WORDS:
            before = place - 1
            if before >= 0 and words[before] in ADVERBS:
                before -= 1
            turned = before >= 0 and words[before] in NEGATIONS
            found.append(-OPINION_WORDS[word] if turned else OPINION_WORDS[word])
    return found
