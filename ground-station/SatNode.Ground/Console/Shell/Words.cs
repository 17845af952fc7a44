using System.Text;

namespace SatNode.Ground.Console.Shell;

/// <summary>Splits a line into words as a shell does: spaces part, single and double quotes hold together, a backslash takes the next character as it is.</summary>
internal static class Words
{
    /// <summary>Splits a line; a quote that does not close is a fault.</summary>
    /// <exception cref="RequestFault">A quote does not close.</exception>
    public static IReadOnlyList<string> Split(string line)
    {
        List<string> words = [];
        var word = new StringBuilder();
        bool isWord = false;
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (isWord)
                    words.Add(word.ToString());
                word.Clear();
                isWord = false;
                continue;
            }
            if (quote == '\0' && c == '#' && !isWord)
                break; // a comment
            isWord = true;
            if (quote == '\0' && c is '\'' or '"')
                quote = c;
            else if (c == quote && quote != '\0')
                quote = '\0';
            else if (c == '\\' && quote != '\'' && i + 1 < line.Length)
                word.Append(line[++i]);
            else
                word.Append(c);
        }
        if (quote != '\0')
            throw new RequestFault($"expected a closing {quote}, found the end of the line");
        if (isWord)
            words.Add(word.ToString());
        return words;
    }
}
