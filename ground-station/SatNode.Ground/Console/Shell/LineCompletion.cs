using System.CommandLine;

namespace SatNode.Ground.Console.Shell;

/// <summary>Completes a line from the tree of commands: its words, and whatever each argument and option offers.</summary>
internal static class LineCompletion
{
    /// <summary>What the text before the cursor could go on with.</summary>
    public static Completion Of(RootCommand tree, string text)
    {
        int start = text.LastIndexOf(' ') + 1;
        string word = text[start..];
        ParseResult before = tree.Parse(text[..start]);
        string[] candidates = [.. Offered(before, word, isFirst: text[..start].Trim().Length == 0).Where(label => label.StartsWith(word, StringComparison.Ordinal))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return candidates.Length > 0 ? new(start, candidates) : Completion.None;
    }

    private static IEnumerable<string> Offered(ParseResult before, string word, bool isFirst)
    {
        Command command = before.CommandResult.Command;
        if (before.Tokens is [.., { } last] && command.Options.FirstOrDefault(option => option.Name == last.Value && option.Arity.MinimumNumberOfValues > 0) is { } waiting)
            return Labels(waiting, before);
        if (word.StartsWith('-'))
            return command.Options.Where(option => !option.Hidden).Select(option => option.Name);
        if (command.Subcommands.Count > 0)
            return command.Subcommands.Select(sub => sub.Name).Concat(isFirst ? InteractiveConsole.OwnWords : []);
        Argument? next = command.Arguments.FirstOrDefault(argument => (before.GetResult(argument)?.Tokens.Count ?? 0) < argument.Arity.MaximumNumberOfValues);
        return next is null ? [] : Labels(next, before);
    }

    private static IEnumerable<string> Labels(Symbol symbol, ParseResult before) => symbol.GetCompletions(before.GetCompletionContext()).Select(item => item.Label);
}
