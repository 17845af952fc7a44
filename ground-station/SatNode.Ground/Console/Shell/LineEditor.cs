using System.Text;

namespace SatNode.Ground.Console.Shell;

/// <summary>What a line could go on with at its end: from where on it is replaced, and by what.</summary>
internal sealed record Completion(int Start, IReadOnlyList<string> Candidates)
{
    /// <summary>Nothing.</summary>
    public static Completion None { get; } = new(0, []);
}

/// <summary>Reads one line from a terminal: moving, deleting, history, completion. Keys are those of readline.</summary>
/// <param name="readKey">The next key; null when there are no more.</param>
/// <param name="output">The terminal.</param>
/// <param name="width">The terminal's width in characters.</param>
/// <param name="history">What was typed before.</param>
/// <param name="complete">What the text before the cursor could go on with.</param>
internal sealed class LineEditor(Func<CancellationToken, Task<ConsoleKeyInfo?>> readKey, TextWriter output, Func<int> width, LineHistory history, Func<string, Completion> complete)
{
    private const int CandidatesMax = 100;
    private readonly StringBuilder _text = new();
    private int _cursor;
    private int _inHistory;
    private string _draft = "";
    private (string Plain, string Styled) _prompt;

    /// <summary>Reads a line.</summary>
    /// <param name="prompt">The prompt as characters, for its width, and as it is written.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Null at the end of the input: Ctrl-D on an empty line.</returns>
    public async Task<string?> ReadAsync((string Plain, string Styled) prompt, CancellationToken cancellation)
    {
        _prompt = prompt;
        Set("");
        _inHistory = history.Lines.Count;
        Draw();
        while (await readKey(cancellation) is { } key)
        {
            if (key.Key == ConsoleKey.Enter || key.KeyChar is '\r' or '\n')
            {
                _cursor = _text.Length;
                Draw();
                await EndAsync();
                history.Add(_text.ToString());
                return _text.ToString();
            }
            if (key is { Key: ConsoleKey.D, Modifiers: ConsoleModifiers.Control } && _text.Length == 0)
                break;
            Take(key);
        }
        await EndAsync();
        return null;
    }

    private async Task EndAsync()
    {
        await output.WriteAsync("\r\n");
        await output.FlushAsync();
    }

    private void Take(ConsoleKeyInfo key)
    {
        bool isControl = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        switch (key.Key)
        {
            case ConsoleKey.LeftArrow: _cursor = isControl ? WordStart() : Math.Max(0, _cursor - 1); break;
            case ConsoleKey.RightArrow: _cursor = isControl ? WordEnd() : Math.Min(_text.Length, _cursor + 1); break;
            case ConsoleKey.Home: _cursor = 0; break;
            case ConsoleKey.A when isControl: _cursor = 0; break;
            case ConsoleKey.End: _cursor = _text.Length; break;
            case ConsoleKey.E when isControl: _cursor = _text.Length; break;
            case ConsoleKey.Backspace: Remove(_cursor - 1, _cursor); break;
            case ConsoleKey.Delete: Remove(_cursor, _cursor + 1); break;
            case ConsoleKey.D when isControl: Remove(_cursor, _cursor + 1); break;
            case ConsoleKey.W when isControl: Remove(WordStart(), _cursor); break;
            case ConsoleKey.U when isControl: Remove(0, _cursor); break;
            case ConsoleKey.K when isControl: Remove(_cursor, _text.Length); break;
            case ConsoleKey.L when isControl: output.Write("\e[H\e[2J"); break;
            case ConsoleKey.UpArrow: Recall(_inHistory - 1); break;
            case ConsoleKey.P when isControl: Recall(_inHistory - 1); break;
            case ConsoleKey.DownArrow: Recall(_inHistory + 1); break;
            case ConsoleKey.N when isControl: Recall(_inHistory + 1); break;
            case ConsoleKey.Tab: Complete(); break;
            case ConsoleKey.C when isControl: Abandon(); break;
            default:
                if (!char.IsControl(key.KeyChar))
                    _text.Insert(_cursor++, key.KeyChar);
                break;
        }
        Draw();
    }

    private void Abandon()
    {
        output.Write("^C\r\n");
        Set("");
        _inHistory = history.Lines.Count;
    }

    private void Recall(int index)
    {
        if (index < 0 || index > history.Lines.Count)
            return;
        if (_inHistory == history.Lines.Count)
            _draft = _text.ToString();
        _inHistory = index;
        Set(index == history.Lines.Count ? _draft : history.Lines[index]);
    }

    private void Complete()
    {
        Completion found = complete(_text.ToString(0, _cursor));
        if (found.Candidates.Count == 0)
            return;
        string common = found.Candidates.Aggregate(CommonPrefix);
        string typed = _text.ToString(found.Start, _cursor - found.Start);
        bool isOnly = found.Candidates.Count == 1;
        if (common.Length > typed.Length || isOnly)
        {
            _text.Remove(found.Start, _cursor - found.Start);
            _text.Insert(found.Start, common);
            _cursor = found.Start + common.Length;
            if (isOnly && !common.EndsWith('=') && (_cursor == _text.Length || _text[_cursor] != ' '))
                _text.Insert(_cursor++, ' ');
        }
        else
            List(found.Candidates);
    }

    /// <summary>Writes the candidates in columns below the line.</summary>
    private void List(IReadOnlyList<string> candidates)
    {
        int column = candidates.Max(candidate => candidate.Length) + 2;
        int columns = Math.Max(1, (width() - 1) / column);
        output.Write("\r\n");
        for (int i = 0; i < Math.Min(candidates.Count, CandidatesMax); i++)
            output.Write((i + 1) % columns == 0 ? candidates[i] + "\r\n" : candidates[i].PadRight(column));
        if (candidates.Count > CandidatesMax)
            output.Write($"and {candidates.Count - CandidatesMax} more");
        if (Math.Min(candidates.Count, CandidatesMax) % columns != 0 || candidates.Count > CandidatesMax)
            output.Write("\r\n");
    }

    /// <summary>Draws the line; one longer than the terminal is seen around the cursor.</summary>
    private void Draw()
    {
        int room = Math.Max(8, width() - _prompt.Plain.Length - 1);
        int from = Math.Max(0, Math.Min(_cursor - (room * 3 / 4), _text.Length - room));
        if (_text.Length <= room)
            from = 0;
        string seen = _text.ToString(from, Math.Min(room, _text.Length - from));
        int column = _prompt.Plain.Length + _cursor - from;
        output.Write($"\r\e[K{_prompt.Styled}{seen}\r{(column > 0 ? $"\e[{column}C" : "")}");
        output.Flush();
    }

    private void Set(string text)
    {
        _text.Clear().Append(text);
        _cursor = _text.Length;
    }

    private void Remove(int from, int to)
    {
        from = Math.Max(0, from);
        to = Math.Min(_text.Length, to);
        if (from >= to)
            return;
        _text.Remove(from, to - from);
        _cursor = from;
    }

    private int WordStart()
    {
        int at = _cursor;
        while (at > 0 && _text[at - 1] == ' ')
            at--;
        while (at > 0 && _text[at - 1] != ' ')
            at--;
        return at;
    }

    private int WordEnd()
    {
        int at = _cursor;
        while (at < _text.Length && _text[at] == ' ')
            at++;
        while (at < _text.Length && _text[at] != ' ')
            at++;
        return at;
    }

    private static string CommonPrefix(string one, string other)
    {
        int length = 0;
        while (length < one.Length && length < other.Length && one[length] == other[length])
            length++;
        return one[..length];
    }
}
