using System.CommandLine;
using System.CommandLine.Parsing;
using SatNode.Ground.Configuration;

namespace SatNode.Ground.Console;

/// <summary>Says in one line what is wrong with a command line, and what was probably meant.</summary>
internal static class ParseFault
{
    /// <summary>The fault, or null.</summary>
    public static string? Of(ParseResult parsed)
    {
        if (parsed.Errors.Count == 0)
            return null;
        Command command = parsed.CommandResult.Command;
        bool isGroup = command.Subcommands.Count > 0;
        // An option after a group of commands: the command is missing first, and what its options could be nobody knows yet.
        if (parsed.UnmatchedTokens is [{ } unknown, ..] && !(isGroup && unknown.StartsWith('-')))
        {
            if (unknown.StartsWith('-'))
                return $"{Path(parsed)}no option '{unknown}'{Suggestion.For(unknown, command.Options.Select(option => option.Name))}";
            return isGroup
                ? $"{Path(parsed)}no command '{unknown}'{Suggestion.For(unknown, command.Subcommands.Select(sub => sub.Name))}{Known(command, unknown)}"
                : $"{Path(parsed)}expected nothing after {Expected(command)}, found '{unknown}'";
        }
        if (isGroup)
            return $"{Path(parsed)}expected a command: {string.Join(", ", command.Subcommands.Select(sub => sub.Name))}";
        if (command.Arguments.FirstOrDefault(argument => argument.Arity.MinimumNumberOfValues > 0 && (parsed.GetResult(argument)?.Tokens.Count ?? 0) < argument.Arity.MinimumNumberOfValues) is { } missing)
            return $"{Path(parsed)}expected {missing.Name}: {missing.Description}";
        return Number(parsed) ?? parsed.Errors[0].Message;
    }

    /// <summary>An option that takes a whole number and was given something else.</summary>
    private static string? Number(ParseResult parsed)
    {
        foreach (ParseError error in parsed.Errors)
        {
            OptionResult? option = error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;
            if (option is { Option: Option<int>, Tokens: [{ } found, ..] })
                return $"{option.Option.Name}: expected a whole number, found '{found.Value}'";
        }
        return null;
    }

    /// <summary>The words of the command as they were typed, without the program's name.</summary>
    private static string Path(ParseResult parsed)
    {
        List<string> words = [];
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult { Command: not RootCommand } result; at = at.Parent)
            words.Insert(0, result.Command.Name);
        return words.Count > 0 ? $"{string.Join(' ', words)}: " : "";
    }

    private static string Known(Command command, string unknown) =>
        Suggestion.For(unknown, command.Subcommands.Select(sub => sub.Name)).Length > 0 ? "" : $" (known: {string.Join(", ", command.Subcommands.Select(sub => sub.Name))})";

    private static string Expected(Command command) => command.Arguments.Count > 0 ? string.Join(", ", command.Arguments.Select(argument => argument.Name)) : command.Name;
}
