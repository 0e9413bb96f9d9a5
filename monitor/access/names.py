"""Names in reports that are no organ's with certainty: the queue of a reader's counties, and answers to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from monitor.access.base import Access, NotFound, audit
from monitor.accounts.roles import Right
from monitor.language import N_
from monitor.refusals import NotPossible
from monitor.registry import doubtful
from monitor.registry.doubtful import AnswerError, DoubtfulName
from monitor.store import names as store
from monitor.store import register
from monitor.store.names import Answer

LONGEST_NOTE = 500
MOST_ANSWERS = 100
"""So many answers are listed, the latest first."""
_NO_NOTE = N_("请写明理由（最多 {number} 个字），它随答复一起保存")
_NOT_POSSIBLE = N_("{problem}")


@dataclass(frozen=True, slots=True)
class Names:
    """What waits for an answer, and the answers given; ``organs`` names the organs they speak of, by code."""

    waiting: tuple[DoubtfulName, ...]
    answers: tuple[Answer, ...]
    organs: Mapping[str, str]


def names(access: Access) -> Names:
    """The queue of the reader's counties, and what was answered. Raises NotAllowed."""
    access.require(Right.HANDLE)
    with access.reading() as session:
        waiting = doubtful.queue(session, access.record.portals(), access.scope.covers)
        answers = [one for one in store.answers(session, forgotten=True) if access.scope.covers(one.county_code)]
        answers = answers[: -MOST_ANSWERS - 1 : -1]
        codes = {one.given for one in waiting} | {one.organ_code for one in answers}
        organs = register.organs_by_code(session, {code for code in codes if code})
    return Names(tuple(waiting), tuple(answers), {organ.code: organ.name for organ in organs})


def accept(access: Access, reference: str, organ_code: str, note: str) -> None:
    """The name is the organ's. Raises NotAllowed, NotFound, NotPossible."""
    reason = written(note)
    with access.changing(Right.HANDLE) as session:
        subject = _subject(access, session, reference)
        try:
            answer = doubtful.accept_in(
                session, subject, organ_code.strip() or None, by=access.who, at=access.now, note=reason
            )
        except AnswerError as problem:
            raise NotPossible(_NOT_POSSIBLE, problem=str(problem)) from None
        _note(access, session, "name.accepted", answer)


def reject(access: Access, reference: str, organ_code: str, note: str) -> None:
    """The name is not the organ's, or no organ's of the county. Raises NotAllowed, NotFound, NotPossible."""
    reason = written(note)
    with access.changing(Right.HANDLE) as session:
        subject = _subject(access, session, reference)
        try:
            answer = doubtful.reject_in(
                session, subject, organ_code.strip() or None, by=access.who, at=access.now, note=reason
            )
        except AnswerError as problem:
            raise NotPossible(_NOT_POSSIBLE, problem=str(problem)) from None
        _note(access, session, "name.rejected", answer)


def forget(access: Access, reference: str, note: str) -> None:
    """All answers on the name are taken back. Raises NotAllowed, NotFound, NotPossible."""
    reason = written(note)
    with access.changing(Right.HANDLE) as session:
        answers = store.answers(session, reference=reference)
        if not answers or not all(access.scope.covers(one.county_code) for one in answers):
            raise NotFound(reference)
        doubtful.forget_in(session, reference, by=access.who, at=access.now, note=reason)
        _note(access, session, "name.forgotten", answers[0])


def written(note: str) -> str:
    """A reason, which must say something. Raises NotPossible."""
    text = " ".join(note.split())
    if not text or len(text) > LONGEST_NOTE:
        raise NotPossible(_NO_NOTE, number=LONGEST_NOTE)
    return text


def _subject(access: Access, session: Session, reference: str) -> DoubtfulName:
    for one in doubtful.queue(session, access.record.portals(), access.scope.covers):
        if one.reference == reference:
            return one
    raise NotFound(reference)


def _note(access: Access, session: Session, what: str, answer: Answer) -> None:
    values = {"organ": answer.organ_code, "note": answer.note}
    audit(session, access, what, answer.name, answer.county_code, **values)
