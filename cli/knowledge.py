"""``outdial knowledge``: articles of the knowledge base from and to files, published."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from campaigns.scripts import article_drafts, filing, shelf
from campaigns.scripts.authors import CommandLine
from campaigns.scripts.files import KnowledgeFile, read_knowledge, write_file
from cli.files import read_file
from cli.installation import opened
from cli.output import listing, report
from cli.users import AsJson, Client
from dialer.db import transaction

app = typer.Typer(help="The knowledge base of operators.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="A YAML file.")]


@app.command("import")
def import_articles(file: File, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Save a file's articles as drafts; one of a known language and title is changed."""
    asyncio.run(_import(read_file(file), client, as_json=as_json))


async def _import(content: bytes, client: str, *, as_json: bool) -> None:
    filed = read_knowledge(content)
    async with opened(client) as work, transaction(work.sessions) as session:
        who = CommandLine(work.client_id)
        kept = await filing.keep_articles(session, filed, who=who, clock=work.clock)
        facts = {
            "articles": len(kept),
            "drafts": sum(article.draft is not None for article in kept),
        }
    report(facts, as_json=as_json)


@app.command("export")
def export_articles(file: File, client: Client = "Outdial") -> None:
    """Write the client's articles to a file, with their drafts."""
    file.write_text(write_file(asyncio.run(_filed(client))), encoding="utf-8")


async def _filed(client: str) -> KnowledgeFile:
    async with opened(client) as work, work.sessions() as session:
        return await filing.knowledge_file(session, client_id=work.client_id)


@app.command("publish")
def publish_articles(client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Publish all drafts of articles: operators find them from now on."""
    asyncio.run(_publish(client, as_json=as_json))


async def _publish(client: str, *, as_json: bool) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        who, published = CommandLine(work.client_id), 0
        for article in await shelf.list_articles(session, client_id=work.client_id):
            if article.draft is not None:
                await article_drafts.publish(session, article.id, who=who, clock=work.clock)
                published += 1
    report({"published": published}, as_json=as_json)


@app.command("list")
def list_articles(client: Client = "Outdial", as_json: AsJson = False) -> None:
    """List the client's articles."""
    asyncio.run(_list(client, as_json=as_json))


async def _list(client: str, *, as_json: bool) -> None:
    async with opened(client) as work, work.sessions() as session:
        found = await shelf.list_articles(session, client_id=work.client_id)
    rows = [
        {
            "language": draft.language,
            "title": draft.title,
            "kind": draft.kind.value,
            "version": article.number or "draft",
            "changed": article.draft is not None,
            "pinned": article.pinned,
        }
        for article in found
        for draft in (shelf.draft_in(article),)
    ]
    listing(rows, as_json=as_json, empty="No articles yet: `outdial knowledge import <file>`.")
