"""d"""
import click
@click.command()
def init() -> None:
    """d"""
@click.command()
def check() -> None:
    """d"""
@click.command()
def agents() -> None:
    """d"""
@click.command()
def queues() -> None:
    """d"""
