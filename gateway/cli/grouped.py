"""Groups of verbs whose list of help cuts no sentence short."""

import click

WHOLE = 1000


class Grouped(click.Group):
    """A group that says of each command its whole first sentence."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a line, or as many as it takes, for each command."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, one.get_short_help_str(WHOLE)) for name, one in found if one is not None]
            )
