"""A sweep with its data at hand: its cells by key, its tokens, and what the data have to say.

In: a `SweepSpec`. Out: a `Plan`. Everything that can be wrong with data or split is found here, before launch.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.plan.identity import cell_key
from orchestrator.spec import SweepSpec
from search_spaces.space import value_name
from trainables.config import CellConfig
from trainables.data.corpus import Corpus
from trainables.data.quality import data_report
from trainables.data.splits import split_corpus
from trainables.data.tokens import TokenizedCorpus, share_truncated, tokenize
from trainables.settings import Settings


@dataclass(frozen=True)
class PlannedCell:
    """One cell of a sweep."""

    key: str
    arm: str
    seed: int
    config: CellConfig
    corpus: str
    """Which of the plan's corpora it reads."""
    fingerprint: str


@dataclass(frozen=True)
class Plan:
    """A sweep ready to be carried out."""

    spec: SweepSpec
    cells: tuple[PlannedCell, ...]
    corpora: Mapping[str, TokenizedCorpus]
    data_sentences: tuple[str, ...]
    """What is to be known of the data: sizes, class balance, duplicates, truncation."""

    def stored(self) -> dict[str, Any]:
        """The plan as its sweep keeps it: all that comparing needs, without the data."""
        spec = self.spec
        return {
            "sweep": spec.name,
            "description": spec.description,
            "arms": [
                {"name": arm.name, "settings": dict(arm.settings), "class_names": self._class_names(arm.name)}
                for arm in spec.arms
            ],
            "baseline": spec.baseline_arm.name,
            "decide": spec.decide.model_dump(),
            "seeds": list(spec.seed_list),
            "cells": [{"key": cell.key, "arm": cell.arm, "seed": cell.seed} for cell in self.cells],
            "sources": sorted({cell.config.data.source for cell in self.cells}),
            "data": list(self.data_sentences),
            "planned_at": time.time(),
        }

    def _class_names(self, arm: str) -> list[str]:
        """An arm's: what varies may be the data."""
        corpus = next(cell.corpus for cell in self.cells if cell.arm == arm)
        return list(self.corpora[corpus].class_names)


def prepare_sweep(spec: SweepSpec, token_cache: Path) -> Plan:
    """Load each distinct data source once, check each distinct split, tokenize, and give each cell its key."""
    loaded: dict[Settings, Corpus] = {}
    tokenized: dict[str, TokenizedCorpus] = {}
    sentences: dict[str, None] = {}
    checked: set[object] = set()
    cells = []
    called = _data_names([cell.config.data for cell in spec.cells])
    for cell in spec.cells:
        config = cell.config
        of = called[config.data]
        if config.data not in loaded:
            loaded[config.data] = config.data.load()
        corpus = loaded[config.data]
        config.loss.check_classes(corpus.class_names)
        if (dealt := (config.data, config.split, config.split.replicate(config.seed))) not in checked:
            checked.add(dealt)
            split = split_corpus(corpus.splits, corpus.class_names, config.split, config.seed)
            sentences |= dict.fromkeys(f"{of}{said}" for said in data_report(corpus, split).sentences)
        name = f"{corpus.fingerprint[:16]}-{config.tokens.encoding}"
        if name not in tokenized:
            tokenized[name] = tokenize(corpus, config.tokens.encoding, token_cache)
        if (cut := (config.data, config.tokens)) not in checked:
            checked.add(cut)
            if share := share_truncated(tokenized[name], config.tokens):
                said = f"{share:.1%}" if share >= 0.0005 else "under 0.1%"
                cut_at = config.tokens.max_length
                sentences[f"{of}{said} of the texts are longer than {cut_at} tokens and are cut."] = None
        cells.append(
            PlannedCell(
                key=cell_key(config, corpus.fingerprint),
                arm=cell.arm.name,
                seed=config.seed,
                config=config,
                corpus=name,
                fingerprint=corpus.fingerprint,
            )
        )
    notes = [f"{called[data]}{note}" for data, corpus in loaded.items() for note in corpus.notes]
    return Plan(spec, tuple(cells), tokenized, (*notes, *sentences))


def _data_names(blocks: Sequence[Settings]) -> dict[Settings, str]:
    """What stands before each thing that is said of a block of data: where there are several, that in which they
    differ, `files(path=other.csv): `."""
    given = {data: data.model_dump(mode="json") for data in blocks}
    if len(given) == 1:
        return dict.fromkeys(given, "")
    names = dict.fromkeys(name for values in given.values() for name in values)
    differing = [name for name in names if len({str(values.get(name)) for values in given.values()}) > 1]
    return {
        data: value_name({k: v for k, v in values.items() if k == "source" or (k in differing and v is not None)})
        + ": "
        for data, values in given.items()
    }
