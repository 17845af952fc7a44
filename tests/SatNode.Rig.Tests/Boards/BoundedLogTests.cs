using SatNode.Rig.Boards.Drivers;
using SatNode.Rig.Boards.Sessions;

namespace SatNode.Rig.Tests.Boards;

public sealed class BoundedLogTests
{
    [Fact]
    public void A_full_disk_ends_the_log_once_and_never_the_console()
    {
        List<string> said = [];
        var console = new ConsoleLog("bench-1", TimeProvider.System, TimeProvider.System);
        using var log = new BoundedLog("/dev/full", console, said.Add); // every write to it finds the disk full, full(4)

        console.Add(run: 1, isError: false, "one");
        console.Add(run: 1, isError: false, "two");

        Assert.StartsWith("/dev/full: no more of the console is written: ", Assert.Single(said), StringComparison.Ordinal);
    }
}
