"""What a preview shows of a text: rendered, counted, and what makes it dear."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from onesixty import text as sms
from onesixty.core.errors import Problem
from onesixty.core.remarks import Remark, remark
from onesixty.templates import ready, samples
from onesixty.templates.bodies import (
    CostlyView,
    MissingRegistration,
    PreviewBody,
    ReadyText,
    SampleView,
    SpanView,
    TemplatePreview,
    TextPreview,
    TextRemark,
)
from onesixty.templates.checks import SENTENCES, check_text, language_of, remarks
from onesixty.templates.languages import direction
from onesixty.templates.registering import COUNTRIES, Asked, missing
from onesixty.templates.rendering import render
from onesixty.templates.samples import OTHER, Sample
from onesixty.templates.sending import check_last_line, found_language, registered
from onesixty.templates.tables import Registration, Template, Version, Wording
from onesixty.templates.values import Value
from onesixty.templates.variables import Variable, taken


async def previewed(
    row: Template, version: Version, asked: PreviewBody, ids: Asked = MappingProxyType({})
) -> TemplatePreview:
    """The preview of a version. `ids` are those of registrations that carriers ask for. A text takes milliseconds:
    the event loop gets a turn after each. Raises Problem."""
    wording = Wording(**{name: getattr(version, name) for name in Wording.__struct_fields__})
    if asked.text is not None and asked.language is None:
        raise Problem("missing_field", "A `text` needs its `language`.", param="language")
    languages: tuple[str, ...]
    if asked.text is not None:
        languages = (language_of(asked.language or "", "language"),)
    elif asked.language is not None:
        languages = (found_language(wording, asked.language),)
    else:
        languages = tuple(wording.texts)
    values = _values(wording.variables, asked.variables)
    made = []
    for language in languages:
        text = wording.texts[language] if asked.text is None else asked.text
        param = "text" if asked.text is not None else f"texts.{language}"
        kept = [
            one
            for one in row.registrations
            if one.language in (None, language) and one.number in (None, version.number)
        ]
        shown = _text(text, language, wording.variables, values, param, kept)
        elsewhere = {one.country for one in row.registrations} - {one.country for one in kept}
        _add(shown, (remark(SENTENCES, "registered_elsewhere", country=one) for one in sorted(elsewhere)))
        shown.missing_registrations += _missing(row, language, version.number, ids)
        made.append(shown)
        await asyncio.sleep(0)
    return TemplatePreview(
        template_id=row.id,
        number=version.number,
        state=version.state,
        purpose=version.purpose,
        asked=asked.language,
        texts=made,
    )


def _add(shown: TextPreview, found: Iterable[Remark]) -> None:
    for one in found:
        shown.remarks.append(one.text)
        shown.findings.append(TextRemark(**one._asdict()))


def _missing(row: Template, language: str, number: int, ids: Asked) -> Iterator[MissingRegistration]:
    known = registered(row.registrations, language, number)
    for country in sorted(COUNTRIES):
        found = missing(known, country, ids, ids)
        if found:
            yield MissingRegistration(country=country, ids=found)


def ready_texts(purpose: ready.Purpose, language: str | None) -> list[ReadyText]:
    """The ready texts of a purpose. Raises Problem `not_found` for a language without one."""
    if language is None:
        found = [ready.text(one, purpose) for one in ready.languages()]
    else:
        try:
            found = [ready.text(language_of(language, "language"), purpose)]
        except KeyError:
            raise Problem("not_found", f"There is no ready text in {language}.") from None
    return [
        ReadyText(
            language=one.language,
            direction=direction(one.language),
            text=one.pattern.source,
            variables=one.variables,
            example=_sample(samples.sample(one.pattern, one.language, samples.usual(one.variables))),
        )
        for one in found
    ]


def _values(variables: Mapping[str, Variable], given: Mapping[str, Any]) -> dict[str, Value]:
    """The values given, and examples in place of those left out. Raises Problem."""
    usual = samples.usual(variables)
    asked = {name: variable for name, variable in variables.items() if name in given}
    for name in given:
        if name not in variables:
            taken(variables, given)  # says which variables there are
    return usual | taken(asked, given)


def _text(
    text: str,
    language: str,
    variables: dict[str, Variable],
    values: dict[str, Value],
    param: str,
    kept: list[Registration],
) -> TextPreview:
    pattern = check_text(text, language, variables, param)
    rendered = render(pattern, language, values)
    check_last_line(rendered, values)
    longest = samples.longest(pattern, language, variables)
    worst = samples.longest(pattern, language, variables, OTHER)
    costs = _costs(rendered.text)
    changed = sms.transliterate(rendered.text).text
    shown = TextPreview(
        language=language,
        direction=direction(language),
        rendered=_sample(samples.sample(pattern, language, values)),
        spans=[SpanView(variable=one.name, start=one.start, length=one.length) for one in rendered.spans],
        shortest=_sample(samples.shortest(pattern, language, variables)),
        longest=_sample(longest),
        longest_ucs2=None if _same(worst, longest) else _sample(worst),
        costly=[] if costs is None else [_costly(one) for one in costs.costly],
        if_transliterated=None if changed == rendered.text else _sample(_counted(changed)),
        remarks=[],
        findings=[],
        registrations=kept,
        missing_registrations=[],
    )
    _add(shown, (*remarks(pattern, language, variables), *_hidden(costs, longest)))
    return shown


def _hidden(costs: sms.Costs | None, longest: Sample) -> Iterator[Remark]:
    """What makes the longest text UCS-2 and is not in the one that is shown: it stands in a branch of a plural."""
    costly = _costs(longest.text)
    if costs is None or costly is None:
        return
    seen = {one.character for one in costs.costly}
    found = [one.character for one in costly.costly if one.why == "ucs2" and one.character not in seen]
    if costs.now.encoding == "gsm7" and found:
        yield remark(SENTENCES, "longest_ucs2", characters=found)


def _costs(text: str) -> sms.Costs | None:
    try:
        return sms.costs(text)
    except sms.TextError:
        return None


def _counted(text: str) -> Sample:
    try:
        return Sample(text, sms.count(text))
    except sms.TextError:
        return Sample(text, None)


def _same(one: Sample, other: Sample) -> bool:
    """Whether two texts cost the same."""
    if one.cost is None or other.cost is None:
        return one.cost is other.cost
    return (one.cost.encoding, one.cost.segments) == (other.cost.encoding, other.cost.segments)


def _sample(one: Sample) -> SampleView:
    encoding, segments = (None, None) if one.cost is None else (one.cost.encoding, one.cost.segments)
    return SampleView(text=one.text, characters=len(one.text), encoding=encoding, segments=segments)


def _costly(one: sms.Costly) -> CostlyView:
    return CostlyView(**{**one._asdict(), "positions": list(one.positions)})
