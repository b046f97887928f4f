"""Reviews that the project writes itself: no download, any size, and a known best possible accuracy.

In: a seed and sizes. Out: a `Corpus` with the official splits `train` and `test`, which share no text. `grammar.py`
holds the language; this file decides what each review says. The same settings give the same texts everywhere.
"""

from collections.abc import Iterator, Sequence
from operator import mul
from typing import Literal, TypeVar

import numpy as np
from pydantic import Field

from trainables.data.corpus import Corpus, LabelledTexts
from trainables.data.sources.base import Source
from trainables.data.sources.grammar import (
    ADVERBS,
    NEGATIONS,
    NEUTRAL,
    OPINIONATED,
    WORDS_BY_SIGN_AND_STRENGTH,
)
from trainables.errors import DataError
from trainables.randomness import Streams

T = TypeVar("T")

LENGTH_SIGMA = 0.76
"""Spread of the log of a review's length: that of the IMDB reviews (median 220 tokens, mean 297, 95th percentile
764: ln(764 / 220) / 1.645 = 0.757 and sqrt(2 ln(297 / 220)) = 0.775)."""

LONGEST = 14
"""No review is longer than so many medians, as in IMDB."""

WORDS_PER_OPINION = 10
NEGATED, WITH_ADVERB, NEW_PARAGRAPH = 0.1, 0.3, 0.12
FAIREST, MOST_ONE_SIDED = 0.6, 1.0
"""How large a share of its opinions a review's side gets before the count, drawn evenly for each review."""


class Draw:
    """Uniform numbers from one generator, drawn in blocks, which is ten times faster than one by one."""

    def __init__(self, generator: np.random.Generator):
        self._numbers = self._stream(generator)

    @staticmethod
    def _stream(generator: np.random.Generator) -> Iterator[float]:
        while True:
            yield from generator.random(65_536).tolist()

    def number(self) -> float:
        """Uniform in [0, 1)."""
        return next(self._numbers)

    def choose(self, options: Sequence[T]) -> T:
        """Each option as likely as any other."""
        return options[int(next(self._numbers) * len(options))]


def write_review(side: int, num_words: int, draw: Draw) -> str:
    """A review of about `num_words` words whose opinions add up to the sign of `side` (+1 praise, -1 complaint)."""
    opinions = list(_opinions(side, max(1, round(num_words / WORDS_PER_OPINION)), draw))
    sentences = []
    while opinions:
        template = draw.choose(OPINIONATED)
        if template.num_opinions <= len(opinions):
            said, opinions = opinions[: template.num_opinions], opinions[template.num_opinions :]
            sentences.append(template.fill(draw.choose, said))
    missing = num_words - sum(sentence.count(" ") + 1 for sentence in sentences)
    while missing > 0:
        sentences.append(draw.choose(NEUTRAL).fill(draw.choose))
        missing -= sentences[-1].count(" ") + 1
    # Fisher and Yates: each order as likely as any other.
    for last in range(len(sentences) - 1, 0, -1):
        other = int(draw.number() * (last + 1))
        sentences[last], sentences[other] = sentences[other], sentences[last]
    gaps = ["<br /><br />" if draw.number() < NEW_PARAGRAPH else " " for _ in sentences[1:]]
    return "".join(part for pair in zip(sentences, [*gaps, ""], strict=True) for part in pair)


def _opinions(side: int, count: int, draw: Draw) -> Iterator[str]:
    """Opinions in words. Their number of weak ones is odd, so the sum of their strengths is never 0."""
    strengths = [1 if draw.number() < 0.5 else 2 for _ in range(count)]
    if sum(strengths) % 2 == 0:
        strengths[0] = 3 - strengths[0]
    share = FAIREST + (MOST_ONE_SIDED - FAIREST) * draw.number()
    signs = [-side] * count
    while side * sum(map(mul, signs, strengths)) < 0:
        signs = [side if draw.number() < share else -side for _ in range(count)]
    for sign, strength in zip(signs, strengths, strict=True):
        negated = draw.number() < NEGATED
        words = WORDS_BY_SIGN_AND_STRENGTH[-sign if negated else sign, strength]
        # The square makes some words common and others rare, as in real text.
        word = words[int(len(words) * draw.number() ** 2)]
        adverb = f"{draw.choose(ADVERBS)} " if draw.number() < WITH_ADVERB else ""
        yield f"{draw.choose(NEGATIONS)} {adverb}{word}" if negated else f"{adverb}{word}"


class SyntheticSource(Source):
    """Generated reviews, each with as many opinions as its length allows, for and against."""

    source: Literal["synthetic"] = "synthetic"

    train_rows: int = Field(default=4000, ge=2, le=1_000_000)
    """Reviews in the official split `train`."""

    test_rows: int = Field(default=2000, ge=2, le=1_000_000)
    """Reviews in the official split `test`. They do not change with `train_rows`."""

    median_words: int = Field(default=160, ge=20, le=2000)
    """Median length in words; 160 words are about 220 tokens, IMDB's median. Lengths are log-normal."""

    label_noise: float = Field(default=0.05, ge=0, lt=0.5)
    """Probability that a label is turned round, for each review by itself. The texts do not change with it."""

    seed: int = Field(default=0, ge=0)
    """Another seed, other reviews. It is the data's own seed, not that of a cell or of the split."""

    @property
    def best_accuracy(self) -> float:
        """The highest accuracy that any classifier can expect on reviews it has not seen: 1 − label_noise.

        A review's text fixes its sentiment s(text): the sign of the sum of its opinions' strengths, which is odd
        and so never 0. Its label is s(text), or with probability e = label_noise, drawn without looking at the
        text, the other class. So P(label = s(text) | text) = 1 − e for every text, and as e < 1/2 the best
        guess is always s(text): the Bayes accuracy is 1 − e, reached by reading (`grammar.read_opinions`). On n
        test reviews that reader scores 1 − e on average, with a standard deviation of sqrt(e (1 − e) / n).
        """
        return 1 - self.label_noise

    def load(self) -> Corpus:
        """Write the reviews: about 10,000 a second at the default length."""
        streams = Streams(self.seed)
        # The test reviews come first, so that more training reviews never change what is tested on.
        written: set[str] = set()
        splits: dict[str, LabelledTexts] = {}
        for name, rows in (("test", self.test_rows), ("train", self.train_rows)):
            generator = streams.numpy("synthetic", name)
            positive = generator.permutation(np.arange(rows) % 2)
            lengths = self.median_words * np.exp(LENGTH_SIGMA * generator.standard_normal(rows))
            lengths = np.minimum(lengths, LONGEST * self.median_words)
            draw = Draw(generator)
            texts = [
                self._new_review(2 * int(side) - 1, int(length), draw, written)
                for side, length in zip(positive, lengths, strict=True)
            ]
            flipped = streams.numpy("synthetic", name, "noise").random(rows) < self.label_noise
            splits[name] = LabelledTexts(texts, (positive ^ flipped).astype(np.int64))
        return Corpus({"train": splits["train"], "test": splits["test"]}, ("negative", "positive"))

    def _new_review(self, side: int, num_words: int, draw: Draw, written: set[str]) -> str:
        """A review that has not been written before; it joins `written`."""
        for attempt in range(100):
            text = write_review(side, num_words + attempt, draw)
            if text not in written:
                written.add(text)
                return text
        raise DataError(
            f"data.median_words is {self.median_words}: after {len(written):,} reviews no new one of that length "
            "is found; ask for longer or fewer reviews"
        )
