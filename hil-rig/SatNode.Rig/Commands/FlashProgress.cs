using System.Globalization;
using SatNode.Rig.Boards.Strategies;

namespace SatNode.Rig.Commands;

/// <summary>Shows the steps of flashing: a bar that grows on a terminal, a line a step elsewhere.</summary>
internal sealed class FlashProgress(TextWriter output, bool isPlain) : IDisposable
{
    private const int Width = 30;

    private FlashStep? _step;
    private int _shown = -1;

    /// <summary>Takes a report.</summary>
    public void Report(FlashStep step, long done, long total)
    {
        int share = total == 0 ? Width : (int)(done * Width / total);
        if (step == _step && share == _shown)
            return;
        if (_step is not null && step != _step)
            output.WriteLine();
        if (isPlain && step != _step)
            output.Write(string.Create(CultureInfo.InvariantCulture, $"  {Word(step)} {total / 1e6:0.0} MB"));
        else if (!isPlain)
            output.Write($"\r  {Word(step),-9} {new string('█', share)}{new string('░', Width - share)} {done / 1e6,5:0.0} of {total / 1e6:0.0} MB");
        output.Flush();
        (_step, _shown) = (step, share);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_step is not null)
            output.WriteLine();
    }

    private static string Word(FlashStep step) => step switch { FlashStep.Check => "checking", FlashStep.Write => "writing", _ => "verifying" };
}
