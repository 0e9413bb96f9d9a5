"""Mutated documents of every container, parsed and judged under the limits of the workers, and what went wrong.

Run as ``python -m tests.benchmarks.fuzz --count 20000 --results FILE``. Input ``n`` of a seed is always the same
bytes, so ``--show n`` writes one of them out, and a run that was broken off goes on with what FILE does not hold.
The goal: 20,000 inputs without an unhandled exception, a hang, a death or an overrun of memory, and never a cell
``reported`` with another number where the mutation did not touch the numbers.

Answers: ``report``, ``other`` and ``unreadable`` are good ones; ``exception``, ``slow``, ``died`` and ``memory``
are not; ``scan`` is a mutated file that now has to be recognised as a picture, which takes minutes and is not done
here. ``wrong`` counts the cells with another number than the original where the mutation left its text and tables
alone, ``moved`` those that hold the number of another cell of the original, whatever the mutation did: each is
to be looked at, for a file whose cells were mutated may well print them there.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import sys
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random

from monitor.workers import DIED, TOO_LARGE, Allow, Limits, Trouble, WorkerPool
from tests.shared import SHARED

PARSERS = Path(__file__).parents[1] / "parsers"
FOLDERS = ("containers", "word", "damage", "damage_tables")
CONTAINERS = ("html", "txt", "mht", "docx", "doc", "rtf", "odt", "xlsx", "xls", "ods", "pdf", "ofd", "zip")
PRELOADED = ("monitor.cli.files", "monitor.rules.catalogue", "parsers.reading")
GOOD = ("report", "other", "unreadable", "scan")
# The parts of a package that say what the cells hold; a change of any other may alter no number.
_TEXT_PARTS = re.compile(
    r"word/document\.xml|word/(?:numbering|styles)\.xml|content\.xml|styles\.xml|xl/.*|.*\.ofd|doc_.*|.*\.xml\.rels",
    re.IGNORECASE,
)
_TAG = re.compile(rb"<[^<>]{1,400}>")
_ATTRIBUTE = re.compile(rb'="([^"<>]{0,60})"')
_ODD_NUMBERS = (b"0", b"-1", b"1", b"2", b"3", b"255", b"65536", b"999999", b"4294967295", b"1e309", b"NaN", b"")
_ODD_TEXTS = (b"\0", b"\xff\xfe", b"\x07", b"]]>", b"<!--", b"<table>", b"</td>", b"&#0;", b"\xef\xbf\xbf")


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one input."""

    number: int
    container: str
    source: str
    mutation: str
    answer: str
    detail: str = ""
    wrong: int = 0
    moved: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Input:
    """One mutated file. ``touches_cells`` False: the numbers of the original must come out or be no numbers."""

    container: str
    source: str
    mutation: str
    touches_cells: bool
    data: bytes


# --- sources --------------------------------------------------------------------------------------------------


@cache
def sources() -> dict[str, tuple[Path, ...]]:
    """The files of every container that are mutated: golden ones, and the real ones beside the project."""
    found: dict[str, list[Path]] = {}
    paths = [path for folder in FOLDERS for path in sorted((PARSERS / folder).iterdir())]
    real = SHARED / "real"
    paths += [
        path for name in ("reports", "lists") if (real / name).is_dir() for path in sorted((real / name).iterdir())
    ]
    for path in paths:
        kind = path.suffix[1:]
        if path.is_file() and kind in CONTAINERS:
            found.setdefault(kind, []).append(path)
    # A zip holds one of the others, an OFD is written from a PDF.
    found["zip"] = [path for kind in ("docx", "xlsx", "html", "pdf") for path in found[kind][:4]]
    found["ofd"] = [path for path in found["pdf"] if path.parent.name == "containers"]
    return {kind: tuple(files) for kind, files in found.items()}


@cache
def original(container: str, path: Path) -> bytes:
    """The bytes of a source before they are mutated."""
    data = path.read_bytes()
    if container == "zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"附件/{path.name}", data)
            archive.writestr("说明.txt", "附件是年报")
        return packed.getvalue()
    if container == "ofd":
        from parsers.documents import pdf
        from tests.parsers.ofd_writer import write_ofd

        return write_ofd([page for page in pdf.pages_of(data) if not isinstance(page, bytes)])
    return data


@cache
def true_cells(container: str, path: Path) -> dict[str, object]:
    """The number of every reported cell of a source as it is read without a mutation."""
    from parsers.reading import parse
    from parsers.schema import UnreadableDocument

    try:
        report = parse(original(container, path))
    except UnreadableDocument:
        return {}
    return {key: cell.value for key, cell in report.cells.items() if cell.value is not None}


# --- mutations ------------------------------------------------------------------------------------------------


def flip_bits(random: Random, data: bytes) -> bytes:
    """Between one and thirty bits turned over."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 5, 30))):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def odd_bytes(random: Random, data: bytes) -> bytes:
    """Bytes replaced by the edges of their range, which lengths and counts do not expect."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 2, 4, 8))):
        place = random.randrange(len(changed))
        size = random.choice((1, 2, 4, 8))
        edge = random.choice((0, 1, 2 ** (8 * size - 1) - 1, 2 ** (8 * size - 1), 2 ** (8 * size) - 1))
        changed[place : place + size] = edge.to_bytes(size, "little")
    return bytes(changed)


def delete_block(random: Random, data: bytes) -> bytes:
    """A block cut out."""
    start, end = _span(random, data)
    return data[:start] + data[end:]


def double_block(random: Random, data: bytes) -> bytes:
    """A block put in again somewhere."""
    start, end = _span(random, data)
    place = random.randrange(len(data) + 1)
    return data[:place] + data[start:end] * random.choice((1, 1, 2, 50)) + data[place:]


def swap_blocks(random: Random, data: bytes) -> bytes:
    """Two neighbouring blocks in the other order."""
    start, end = _span(random, data)
    middle = (start + end) // 2
    return data[:start] + data[middle:end] + data[start:middle] + data[end:]


def cut_off(random: Random, data: bytes) -> bytes:
    """Only the beginning, as of a download that broke off."""
    return data[: random.randrange(1, max(2, len(data)))]


def insert_text(random: Random, data: bytes) -> bytes:
    """Something odd put in."""
    place = random.randrange(len(data) + 1)
    return data[:place] + random.choice(_ODD_TEXTS) * random.choice((1, 1, 3, 1000)) + data[place:]


def change_tags(random: Random, data: bytes) -> bytes:
    """Tags lost, doubled, moved: what markup must survive."""
    tags = list(islice(_TAG.finditer(data), 20_000))
    if not tags:
        return flip_bits(random, data)
    for _ in range(random.choice((1, 2, 5))):
        tag = random.choice(tags)
        other = random.choice(tags)
        pieces = (b"", tag[0] * 2, other[0], tag[0] + other[0], tag[0] * 300)
        data = data[: tag.start()] + random.choice(pieces) + data[tag.end() :]
    return data


def change_attributes(random: Random, data: bytes) -> bytes:
    """Values of attributes: spans, widths, counts, references."""
    values = list(islice(_ATTRIBUTE.finditer(data), 20_000))
    if not values:
        return odd_bytes(random, data)
    for value in sorted(random.choices(values, k=random.choice((1, 2, 5))), key=lambda one: -one.start()):
        text = random.choice((*_ODD_NUMBERS, random.choice(values)[1]))
        data = data[: value.start(1)] + text + data[value.end(1) :]
    return data


BYTES: dict[str, Callable[[Random, bytes], bytes]] = {
    function.__name__: function
    for function in (flip_bits, odd_bytes, delete_block, double_block, swap_blocks, cut_off, insert_text)
}
MARKUP = {**BYTES, "change_tags": change_tags, "change_attributes": change_attributes}
PACKAGES = frozenset(("docx", "odt", "xlsx", "ods", "ofd", "zip"))


def splice(random: Random, data: bytes, other: bytes) -> bytes:
    """The head of one file and the tail of another."""
    return data[: random.randrange(1, max(2, len(data)))] + other[random.randrange(len(other)) :]


def change_members(random: Random, data: bytes) -> tuple[bytes, str, bool]:
    """One member of a package mutated, lost, renamed, doubled or emptied, and packed soundly again."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist() if info.file_size]
    place = random.randrange(len(members))
    name, content = members[place]
    what = random.choice((*MARKUP, *MARKUP, "lost", "renamed", "doubled", "exchanged"))
    if what in MARKUP:
        members[place] = (name, MARKUP[what](random, content))
    elif what == "lost":
        del members[place]
    elif what == "renamed":
        members[place] = (random.choice(("../../etc/passwd", name.upper(), "\\" + name, name + "/x")), content)
    elif what == "doubled":
        members.append((name, MARKUP["change_tags"](random, content)))
    else:
        other = random.randrange(len(members))
        members[place], members[other] = (name, members[other][1]), (members[other][0], content)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for member, inside in members:
                archive.writestr(member, inside)
    touches = what == "exchanged" or bool(_TEXT_PARTS.fullmatch(name)) or name.startswith("附件")
    return packed.getvalue(), f"member {what} {name}", touches


def _span(random: Random, data: bytes) -> tuple[int, int]:
    start = random.randrange(len(data))
    return start, min(len(data), start + random.choice((1, 4, 16, 100, 1000, 10_000)))


def make_input(seed: int, number: int) -> Input:
    """Input ``number`` of a seed."""
    random = Random(f"{seed}/{number}")
    container = CONTAINERS[number % len(CONTAINERS)]
    files = sources()[container]
    path = random.choice(files)
    data = original(container, path)
    source = f"{path.parent.name}/{path.name}"
    if container in PACKAGES and random.random() < 0.8:
        changed, what, touches = change_members(random, data)
        return Input(container, source, what, touches, changed)
    if random.random() < 0.1:
        other = random.choice(sources()[random.choice(CONTAINERS[:11])])
        return Input(container, source, f"splice {other.name}", True, splice(random, data, other.read_bytes()))
    mutations = MARKUP if container in ("html", "mht", "txt", "rtf") else BYTES
    names = random.choices(list(mutations), k=random.choice((1, 1, 1, 2, 3)))
    for name in names:
        data = mutations[name](random, data) or b" "
    # A package whose bytes were hit is kept together by the check sums of its members.
    return Input(container, source, "+".join(names), container not in PACKAGES, data)


class _IsScan(Exception):
    """The file has to be recognised."""


def _refuse_scan(*_: object) -> None:
    raise _IsScan


# --- running --------------------------------------------------------------------------------------------------


def work(task: tuple[int, int], allow: Allow) -> Answer:
    """Make one input, parse and judge it as the command line does, and say what became of it."""
    from monitor.rules.base import Subject
    from monitor.rules.catalogue import judge
    from parsers.attachments import parse_page
    from parsers.documents import scan
    from parsers.documents.container import may_be_scan
    from parsers.schema import UnreadableDocument

    seed, number = task
    made = make_input(seed, number)
    path = next(path for path in sources()[made.container] if f"{path.parent.name}/{path.name}" == made.source)
    truth = true_cells(made.container, path)

    def answer(word: str, detail: str = "", wrong: int = 0, moved: int = 0) -> Answer:
        seconds = round(time.perf_counter() - start, 2)
        return Answer(number, made.container, made.source, made.mutation, word, detail, wrong, moved, seconds)

    vars(scan)["read_scan"] = _refuse_scan
    start = time.perf_counter()
    try:
        allow(may_be_scan(made.data))
        report = parse_page(made.data, lambda href: None)
        judge(Subject(report))
        json.dumps(report.to_json())
    except UnreadableDocument as problem:
        return answer("unreadable" if len(str(problem).splitlines()) == 1 else "exception", str(problem))
    except _IsScan:
        return answer("scan")
    except MemoryError:
        raise
    except Exception as problem:  # noqa: BLE001 - this is what is looked for
        where = traceback.extract_tb(problem.__traceback__)[-3:]
        trail = " < ".join(f"{Path(one.filename).name}:{one.lineno}" for one in reversed(where))
        return answer("exception", f"{type(problem).__name__}: {str(problem)[:120]} ({trail})")
    owners = {value: key for key, value in truth.items()}
    differing = [
        key
        for key, cell in report.cells.items()
        if cell.value is not None and key in truth and cell.value != truth[key]
    ]
    moved = [
        key for key in differing if owners.get(report.cells[key].value, key) != key and report.cells[key].value
    ]
    wrong = [] if made.touches_cells else differing
    shown = ", ".join(f"{key}={report.cells[key].value}" for key in (wrong or moved)[:3])
    return answer(report.kind.value, shown, len(wrong), len(moved))


def failed(task: tuple[int, int], trouble: Trouble) -> Answer:
    """The answer for an input whose worker had to be ended."""
    word = {DIED: "died", TOO_LARGE: "memory"}.get(trouble.template, "slow")
    made = make_input(*task)
    return Answer(task[1], made.container, made.source, made.mutation, word, trouble.in_words())


def run(seed: int, numbers: Iterator[int], results: Path, total: int, workers: int | None) -> None:
    """Do the inputs that are left and write a line for each."""
    limits = Limits()
    pool: WorkerPool[tuple[int, int], Answer] = WorkerPool(
        work, failed, preloaded=PRELOADED, workers=workers, limits=limits
    )
    start = time.monotonic()
    done = 0
    with pool, results.open("a", encoding="utf-8") as lines:
        while batch := list(islice(numbers, 500)):
            for _, answer in pool.run((seed, number) for number in batch):
                lines.write(json.dumps(asdict(answer), ensure_ascii=False) + "\n")
                lines.flush()
                done += 1
                if answer.answer not in GOOD or answer.wrong:
                    print(answer, file=sys.stderr)
                if done % 100 == 0:
                    rate = done / (time.monotonic() - start)
                    print(f"{done} of {total}, {rate:.1f} a second", file=sys.stderr)


def summary(results: Path) -> str:
    """The counts of all inputs so far, by container, and every kind of exception."""
    rows: dict[str, Counter[str]] = {}
    exceptions: Counter[str] = Counter()
    slowest = 0.0
    for line in results.read_text(encoding="utf-8").splitlines():
        answer = Answer(**json.loads(line))
        for name in (answer.container, "all"):
            count = rows.setdefault(name, Counter())
            count[answer.answer] += 1
            count["inputs"] += 1
            count["wrong"] += bool(answer.wrong)
            count["moved"] += bool(answer.moved)
        if answer.answer == "exception":
            exceptions[answer.detail.rpartition(" (")[2]] += 1
        slowest = max(slowest, answer.seconds)
    columns = ("inputs", *GOOD, "exception", "slow", "died", "memory", "wrong", "moved")
    lines = ["container " + " ".join(f"{name:>10}" for name in columns)]
    lines += [f"{name:9} " + " ".join(f"{count[key]:>10}" for key in columns) for name, count in rows.items()]
    return "\n".join(
        [*lines, f"slowest: {slowest} s", *(f"{count} × {what}" for what, count in exceptions.items())]
    )


def main() -> None:
    """Run, go on, show one input, or only sum up."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--show", type=int, help="write this input to standard output and stop")
    options = parser.parse_args()
    if options.show is not None:
        sys.stdout.buffer.write(make_input(options.seed, options.show).data)
        return
    options.results.touch()
    lines = options.results.read_text(encoding="utf-8").splitlines()
    done = {json.loads(line)["number"] for line in lines}
    left = [number for number in range(options.count) if number not in done]
    run(options.seed, iter(left), options.results, len(left), options.workers)
    print(summary(options.results))


if __name__ == "__main__":
    main()
