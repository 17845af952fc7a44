using SatNode.Flight.Boards;

namespace SatNode.Flight.Tests.Boards;

public sealed class WatchdogTests
{
    [Fact]
    public void Closing_alone_does_not_disarm()
    {
        var device = new MemoryStream();
        using (var watchdog = new Watchdog(device, hasReset: false))
        {
            watchdog.Stroke();
            watchdog.Stroke();
        }
        Assert.Equal("\0\0"u8.ToArray(), device.ToArray());
    }

    [Fact]
    public void The_magic_character_disarms()
    {
        var device = new MemoryStream();
        using (var watchdog = new Watchdog(device, hasReset: false))
        {
            watchdog.Stroke();
            watchdog.Disarm();
        }
        Assert.Equal("\0V"u8.ToArray(), device.ToArray());
    }

    [Fact]
    public void A_device_that_is_not_there_is_told_by_name() =>
        Assert.Contains("/nonexistent/watchdog", Assert.Throws<DirectoryNotFoundException>(() => Watchdog.Open("/nonexistent/watchdog", 20)).Message, StringComparison.Ordinal);

    [Fact] // and nothing is written to what may be anything
    public void A_file_is_no_watchdog()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("watchdog"), "");
        Assert.Equal($"{folder.File("watchdog")}: a time-out of 20 s is refused: Inappropriate ioctl for device",
            Assert.Throws<IOException>(() => Watchdog.Open(folder.File("watchdog"), 20)).Message);
        Assert.Equal("", File.ReadAllText(folder.File("watchdog")));
    }
}
