"""XML from strangers (W3C XML 1.0), read so that nothing in it can reach a file, the network, or the end of the memory.

Rules it keeps:

* A document type declaration is refused before any reader of XML sees it: without one there are no entities of an author's own,
  inside or outside, and no default attributes.
* Octets are decoded here, in the encodings that are supersets of ASCII or begin with a byte order mark, so no other encoding can
  disguise what the rules look for.
* Size, depth and the number of elements and attributes are bounded, and counted while reading.
* Inclusions, processing instructions and schema locations are data like any other: nobody follows them.
"""

# lxml comes without types; what is asked of it is said in protocols below.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol, cast

from eilbote.author.plain.place import Place
from eilbote.author.process.bpmn.xml_text import decoded, root_begin
from eilbote.author.process.bundle import MOST_OCTETS, ProcessTextError

DEEPEST: Final = 64
MOST_ELEMENTS: Final = 20_000
MOST_ATTRIBUTES: Final = 200
"""Of one element."""
_TOO_DEEP: Final = f"the diagram is nested more than {DEEPEST} deep"
_APART: Final = (
    "Take it apart into several diagrams, or export it once more when it was not made by a modeler"
)
_PIECE: Final = 64 * 1024
_NO_ATTRIBUTES: Mapping[tuple[str, str], str] = MappingProxyType({})
_NAMESPACE: Final = re.compile(r"""(?<=xmlns:)[\w.-]{1,100}=(?:"[^"<>]{1,500}"|'[^'<>]{1,500}')""")
"""Some modelers make namespaces of the names of processes, blanks and all, and the reader of XML takes no blanks."""
_WHERE_LIBXML: Final = re.compile(r", line \d+, column \d+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlElement:
    """An element as it stands in a document.

    Attributes:
        namespace: Of its name; empty for none.
        name: Without a prefix.
        line: Where it begins, counted from 1.
        attributes: Those without a namespace.
        qualified: The others, by namespace and name.
        text: What stands directly in it, without what surrounds it.
        children: The elements in it.
    """

    namespace: str
    name: str
    line: int
    attributes: Mapping[str, str]
    qualified: Mapping[tuple[str, str], str] = field(default_factory=lambda: _NO_ATTRIBUTES)
    text: str = ""
    children: tuple[XmlElement, ...] = ()

    def get(self, name: str, otherwise: str = "") -> str:
        """Give an attribute that has no namespace, without blanks around it."""
        return self.attributes.get(name, otherwise).strip()

    def walk(self) -> Iterator[XmlElement]:
        """Give it and everything below it, in the order of the document."""
        waiting: list[XmlElement] = [self]
        while waiting:
            found = waiting.pop()
            yield found
            waiting.extend(reversed(found.children))


def read_document(xml: str | bytes) -> XmlElement:
    """Read a document and give its root.

    Args:
        xml: Octets in UTF-8, UTF-16 with a byte order mark, US-ASCII, ISO-8859-1 or Windows-1252; or text.

    Raises:
        ProcessTextError: It is no XML, or more than is read; line and column are told.
    """
    if len(xml) > MOST_OCTETS:
        raise ProcessTextError(
            f"the diagram has {len(xml):,} octets",
            cause=f"At most {MOST_OCTETS:,} are read",
            remedy="Leave pictures and attachments out of the diagram, or take it apart into several",
        )
    text = decoded(xml)
    begin = root_begin(text)
    # What stands before the root is not read at all: declaration, comments, instructions. Their lines are kept.
    end = text.find(">", begin)
    head = _NAMESPACE.sub(lambda found: found[0].replace(" ", "%20"), text[begin:end])
    return _element(_tree("\n" * text.count("\n", 0, begin) + head + text[end:]))


class _Node(Protocol):
    """What is asked of an element of lxml, which comes without types."""

    tag: str
    text: str | None
    tail: str | None
    attrib: Mapping[str, str]
    sourceline: int | None

    def __iter__(self) -> Iterator[_Node]: ...


class _Parser(Protocol):
    """What is asked of lxml's parser."""

    def feed(self, octets: bytes) -> None: ...

    def read_events(self) -> Iterator[tuple[str, _Node]]: ...

    def close(self) -> _Node: ...


def _tree(text: str) -> _Node:
    from lxml import etree

    made: object = etree.XMLPullParser(
        events=("start", "end"),
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        collect_ids=False,
        remove_pis=True,
        remove_comments=True,
    )
    parser, octets = cast("_Parser", made), text.encode()
    depth = elements = 0
    try:
        for begin in range(0, len(octets), _PIECE):
            parser.feed(octets[begin : begin + _PIECE])
            for event, found in parser.read_events():
                depth += 1 if event == "start" else -1
                elements += event == "start"
                if depth > DEEPEST:
                    raise _too_much(_TOO_DEEP, found)
                if elements > MOST_ELEMENTS:
                    raise _too_much(f"the diagram has more than {MOST_ELEMENTS:,} XML elements", found)
                if len(found.attrib) > MOST_ATTRIBUTES:
                    raise _too_much(f"an element has more than {MOST_ATTRIBUTES} attributes", found)
        return parser.close()
    except etree.XMLSyntaxError as fault:
        line, column = fault.position
        if "depth" in str(
            fault.msg
        ):  # libxml2 counts as well, and sees it first when a piece holds all of it
            raise ProcessTextError(_TOO_DEEP, place=Place(max(line, 1), 1), remedy=_APART) from None
        said = _WHERE_LIBXML.sub("", str(fault.msg or "it ends too early"))[:200]
        raise ProcessTextError(
            f"the diagram cannot be read as XML: {said}",
            place=Place(max(line, 1), max(column, 1)),
            remedy="Export it from the modeler once more, as BPMN 2.0 XML, and change nothing in it by hand",
        ) from None


def _too_much(what: str, found: _Node) -> ProcessTextError:
    return ProcessTextError(
        what,
        place=Place(_line(found), 1),
        remedy=_APART,
    )


def _element(found: _Node) -> XmlElement:
    namespace, name = _name(found.tag)
    plain: dict[str, str] = {}
    qualified: dict[tuple[str, str], str] = {}
    for key, value in found.attrib.items():
        space, local = _name(key)
        if space:
            qualified[space, local] = value
        else:
            plain[local] = value
    return XmlElement(
        namespace=namespace,
        name=name,
        line=_line(found),
        attributes=plain,
        qualified=qualified or _NO_ATTRIBUTES,
        text="".join([found.text or "", *(child.tail or "" for child in found)]).strip(),
        children=tuple(_element(child) for child in found),
    )


def _line(found: _Node) -> int:
    return found.sourceline or 1


def _name(written: str) -> tuple[str, str]:
    space, closed, local = written.rpartition("}")
    return (space[1:], local) if closed else ("", written)
