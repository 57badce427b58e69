"""The page of a card: one file for people, with its plots and styles in itself."""

from collections.abc import Iterable, Mapping
from html import escape

from models import plots
from models.churn import card as churn
from models.page_parts import figure, number, table
from models.response import card as response
from models.row_figures import headline, row_figures
from models.taste import card as taste
from models.value import card as value
from models.words import Card, Words

WORDS: Mapping[str, Words] = {
    "churn": churn.WORDS,
    "value": value.WORDS,
    "taste": taste.WORDS,
    "response": response.WORDS,
}

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Nothing is fetched, nothing runs, whatever got into a card."""

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#fff;--panel:#f5f6f8;
--edge:#d5d9de;--mark:#0b6bcb;--even:#8a929b;--good:#176b34;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a9b1ba;--paper:#15181c;
--panel:#1f2429;--edge:#3a414a;--mark:#6cb2ff;--even:#7d868f;--good:#6fcf8d;--bad:#ff8a80}}
*{box-sizing:border-box}body{margin:0 auto;padding:32px 20px 64px;max-width:1080px;
background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
h1{font-size:30px;line-height:1.2;margin:0 0 4px}h2{font-size:18px;margin:0 0 2px}
p{margin:0 0 12px}.soft,figcaption{color:var(--soft);font-size:14px}
.verdict{display:inline-block;font-weight:600;border:1px solid;border-radius:4px;padding:1px 10px}
.good{color:var(--good)}.bad{color:var(--bad)}
.head{font-size:20px;line-height:1.4;margin:18px 0 22px;max-width:46em}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:16px}
figure,section{margin:0;background:var(--panel);border:1px solid var(--edge);border-radius:8px;
padding:16px}section{margin-top:16px;overflow-x:auto}svg{display:block;width:100%;height:auto}
svg text{fill:var(--ink);font:12px system-ui,sans-serif}svg .tick{fill:var(--soft)}
.grid{stroke:var(--edge);stroke-width:1}.line{fill:none;stroke:var(--mark);stroke-width:2.5}
.even{fill:none;stroke:var(--even);stroke-width:1.5;stroke-dasharray:5 5}
.whisker{stroke:var(--mark);stroke-width:1.5}.area{fill:var(--mark);opacity:.14}
.dot,.bar{fill:var(--mark)}table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:6px 14px 6px 0;border-top:1px solid var(--edge)}
thead th{border-top:0}td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
details{margin-top:8px;font-size:14px}summary{cursor:pointer;color:var(--soft)}
code{font-size:13px;overflow-wrap:anywhere}
"""


def written(card: Card) -> str:
    """Return the page of a card; whatever a card holds is text on it."""
    words = WORDS.get(card["name"], plain(card["name"]))
    title = f"{words.title}: {card['version']}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>"
        + _header(card, words)
        + f'<div class="plots">{"".join(_figures(card, words))}</div>'
        + _gates(card) + _metrics(card, words) + _facts(card, words)
        + "</main></body></html>\n"
    )  # fmt: skip


def plain(name: str) -> Words:
    """Return words for a model that has none of its own."""
    return Words(name.capitalize(), "", "", "of the outcome", "score", "", {}, lambda each: each)


def _header(card: Card, words: Words) -> str:
    refused = card["verdict"] == "refused"
    verdict = "Refused: the champion stays" if refused else "Passed every gate"
    kind = "bad" if refused else "good"
    when = f"trained {card['trained_at']}" if card["trained_at"] else ""
    facts = [
        card["version"], when, f"{card['customers']:,} customers",
        f"outcomes known until {card['window']['closed']}",
    ]  # fmt: skip
    head = words.head(card) if words.head else headline(card, words)
    return (
        f"<header><h1>{escape(words.title)}</h1>"
        f"<p>{escape(words.what.format(horizon=card['horizon']))}</p>"
        f'<p><span class="verdict {kind}">{verdict}</span></p>'
        f'<p class="soft">{escape(" · ".join(each for each in facts if each))}</p>'
        f'<p class="head">{escape(head)}</p></header>'
    )


def _figures(card: Card, words: Words) -> Iterable[str]:
    yield from words.figures(card) if words.figures else row_figures(card, words)
    yield from _history(card, words)


def _history(card: Card, words: Words) -> Iterable[str]:
    own = {"version": card["version"], "metrics": card["metrics"], "trained_at": card["trained_at"]}
    told = [
        (
            str(one["trained_at"] or one["version"]),
            measured["value"],
            measured["low"],
            measured["high"],
        )
        for one in [*card["history"], own]
        if None not in (measured := one["metrics"].get(words.figure) or {"value": None}).values()
    ]
    if told:
        name = words.metrics.get(words.figure, words.figure).partition(":")[0]
        last = "this refused challenger" if card["verdict"] == "refused" else "this model"
        caption = f"{name} of each champion on its own day, with 95 % intervals; last, {last}."
        rows = [(name, *map(number, figures)) for name, *figures in told]
        drawn = plots.history(told, y_name=name)
        yield figure("Champions", drawn, caption, ("trained", "value", "low", "high"), rows)


def _gates(card: Card) -> str:
    lines = []
    for gate in sorted(card["gates"], key=lambda gate: bool(gate["passed"])):
        passed = '<span class="good">passed</span>'
        if not gate["passed"]:
            passed = '<strong class="bad">refused</strong>'
        said = "".join(
            f"<br>{escape(one['sentence'])} "
            f'<span class="soft">({number(one["measured"])}; limit {number(one["limit"])})</span>'
            for one in gate["refusals"]
        )
        name, asks = escape(gate["gate"].replace("_", " ")), escape(gate["asks"])
        lines.append(f"<tr><th>{name}</th><td>{passed}</td><td>{asks}{said}</td></tr>")
    return f"<section><h2>Gates</h2><table><tbody>{''.join(lines)}</tbody></table></section>"


def _metrics(card: Card, words: Words) -> str:
    rows = [
        (words.metrics.get(name, name), number(one["value"]),
         f"{number(one['low'])} to {number(one['high'])}")
        for name, one in card["metrics"].items()
    ]  # fmt: skip
    candidates = [
        (name, ", ".join(f"{what.replace('_', ' ')} {number(v)}" for what, v in one.items()))
        for name, one in card["candidates"].items()
    ]
    parts = [f"<section><h2>Figures</h2><p>{escape(card['reason'])}</p>"]
    if rows:
        parts.append(table(("", "value", "95 % interval"), rows))
    if candidates:
        parts.append(f"<h2>Candidates</h2>{table(('', 'on the same customers'), candidates)}")
    return "".join(parts) + "</section>"


def _facts(card: Card, words: Words) -> str:
    libraries = ", ".join(f"{name} {number}" for name, number in card["libraries"].items())
    facts = [
        ("Cut-offs", ", ".join(card["window"]["cut_offs"])),
        (words.rows.capitalize(), f"{card['rows']:,} of {card['customers']:,} customers"),
        *([("Features", ", ".join(card["features"]))] if "features" in card else ()),
        ("Won", card["winner"]), ("Seed", str(card["seed"])), ("Libraries", libraries),
        ("Revision", card["revision"] or "unknown"),
    ]  # fmt: skip
    lines = (f"<tr><th>{name}</th><td>{escape(fact)}</td></tr>" for name, fact in facts)
    return f"<section><h2>Made of</h2><table><tbody>{''.join(lines)}</tbody></table></section>"
