"""d"""

import click


@click.command()
def init() -> None:
    """D"""


@click.command()
def check() -> None:
    """D"""


@click.command()
def agents() -> None:
    """D"""


@click.command()
def queues() -> None:
    """D"""
