using System.Text;
using Microsoft.Extensions.Time.Testing;
using SatNode.Rig.Boards.Drivers;
using SatNode.Rig.Boards.Protocols;

namespace SatNode.Rig.Tests.Boards;

public sealed class ConsoleLogTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ConsoleLog _log;

    public ConsoleLogTests() => _log = new("p10-s03", _clock, _clock);

    [Fact]
    public void Cuts_a_stream_into_lines_wherever_reads_end()
    {
        byte[] text = Encoding.UTF8.GetBytes("first\nzwölf µ\r\n\nlast without end");
        for (int piece = 1; piece <= text.Length; piece++)
        {
            var log = new ConsoleLog("p10-s03", _clock, _clock);
            log.Pump(new Pieces(text, piece), run: 1, isError: false);
            Assert.Equal(["first", "zwölf µ", "", "last without end"], log.Lines.Select(line => line.Text));
        }
    }

    [Fact]
    public void A_line_has_nothing_of_what_a_line_editor_writes_between_and_the_tap_has_all_of_it()
    {
        byte[] text = Encoding.ASCII.GetBytes("bench# \n\u001b[6nEVENT 1 1\u001b[0;32m ok\u001b[J\n");
        List<byte> tapped = [];

        _log.Pump(new MemoryStream(text), run: 1, isError: false, bytes => tapped.AddRange(bytes));

        Assert.Equal(["bench# ", "EVENT 1 1 ok"], _log.Lines.Select(line => line.Text));
        Assert.Equal(text, tapped);
    }

    [Fact]
    public void A_line_without_end_is_cut_at_the_bound()
    {
        _log.Pump(new MemoryStream(Encoding.ASCII.GetBytes(new string('x', (2 * ConsoleLine.LineCharactersMax) + 5) + "\ny")), run: 1, isError: false);

        Assert.Equal([ConsoleLine.LineCharactersMax, ConsoleLine.LineCharactersMax, 5, 1], _log.Lines.Select(line => line.Text.Length));
    }

    [Fact]
    public void Keeps_the_last_lines_only()
    {
        for (int i = 0; i < ConsoleLog.LinesMax + 10; i++)
            _log.Add(1, isError: false, $"{i}");

        Assert.Equal(ConsoleLog.LinesMax, _log.Lines.Count);
        Assert.Equal("10", _log.Lines[0].Text);
        Assert.Equal(ConsoleLog.LinesMax + 10, _log.LastNumber);
    }

    [Fact]
    public async Task Expect_finds_lines_of_the_past_and_of_the_future_but_none_before_its_mark()
    {
        _log.Add(1, isError: false, "ready");
        Assert.Equal(1, (await _log.Expect(line => line.Text == "ready", after: 0, TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken)).Number);

        Task<ConsoleLine> next = _log.Expect(line => line.Text == "ready", after: 1, TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.False(next.IsCompleted);
        _log.Add(1, isError: false, "other");
        Assert.False(next.IsCompleted);
        _log.Add(1, isError: false, "ready");
        Assert.Equal(3, (await Eventually.InTime(next)).Number);
    }

    [Fact]
    public async Task Expect_gives_up_with_the_last_line_in_its_text()
    {
        _log.Add(1, isError: true, "panic");
        Task<ConsoleLine> never = _log.Expect(_ => false, 0, TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        _clock.Advance(TimeSpan.FromSeconds(20));

        TimeoutException late = await Assert.ThrowsAsync<TimeoutException>(() => Eventually.InTime(never));
        Assert.Equal("p10-s03: console: expected a line within 20 s, found none; the last is 'panic'", late.Message);
    }

    [Fact]
    public void Receivers_get_each_line_once_until_they_leave()
    {
        List<string> seen = [];
        using (_log.Subscribe(line => seen.Add(line.Text)))
        {
            _log.Add(1, isError: false, "a");
            _log.Add(1, isError: false, "b");
        }
        _log.Add(1, isError: false, "c");

        Assert.Equal(["a", "b"], seen);
    }

    private sealed class Pieces(byte[] data, int piece) : MemoryStream(data)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, piece));
    }
}
