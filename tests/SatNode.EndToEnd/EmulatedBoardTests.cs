using System.Text.Json.Nodes;

namespace SatNode.EndToEnd;

/// <summary>One emulated board, really booted, flashed, hung and rolled back, by the commands that a bench engineer types.</summary>
[Collection("flights")]
public sealed class EmulatedBoardTests : IAsyncLifetime
{
    private const string Board = "bench-1";

    private readonly string _folder = Directory.CreateTempSubdirectory("sn-").FullName; // short: a socket's path has 107 bytes at most

    private string Keys => Path.Combine(_folder, "keys");

    private string State => Path.Combine(_folder, "state");

    public async ValueTask InitializeAsync()
    {
        (await RigCommand.Rig("setup", "qemu")).Done();
        (await RigCommand.Ground("keys", "new", "--out", Keys)).Done();
    }

    public async ValueTask DisposeAsync()
    {
        await RigCommand.Rig("boards", "power", "off", Board, "--state", State);
        await RigProcess.NothingIsLeftOf(_folder);
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_board_boots_what_it_is_flashed_with_comes_back_from_a_hang_and_rolls_a_bad_image_back()
    {
        string good = await Image("good.img", "0.1.0"), next = await Image("next.img", "0.2.0"), bad = await Image("bad.img", "0.3.0", "--agent", BrokenAgent());

        string flashed = await Boards("flash", Board, good);
        Assert.Contains("slot a holds 0.1.0", flashed, StringComparison.Ordinal);
        Assert.Equal(["checking", "writing", "verifying"], flashed.Split('\n').Where(line => line.StartsWith("  ", StringComparison.Ordinal)).Select(line => line.Trim().Split(' ')[0]));
        await Boards("power", "on", Board, "--wait");
        JsonNode status = await Status();
        Assert.Equal(("on", "a", "a", "power-on"), ((string?)status["power"], (string?)status["running"], (string?)status["confirmed"], (string?)status["resetReason"]));

        Assert.Contains("slot b holds 0.2.0, on trial from the next boot", await Boards("flash", Board, next), StringComparison.Ordinal);
        await Boards("power", "cycle", Board, "--wait");
        await Becomes(now => (string?)now["running"] == "b" && (string?)now["confirmed"] == "b", "slot b confirmed by its agent");

        (await RigCommand.Typed("\nuname -m; kill -STOP $(pidof satnode-agent)\n", ["boards", "console", Board, "--state", State])).Done();
        await Becomes(now => (string?)now["resetReason"] == "watchdog", "the hung agent's board reset by its watchdog");
        Assert.Contains("aarch64", Console(), StringComparison.Ordinal);
        Assert.Contains("agent.started version=0.1.0 reset_reason=watchdog", Console(), StringComparison.Ordinal); // the agent's own version: both images hold it

        Assert.Contains("slot a holds 0.3.0, on trial", await Boards("flash", Board, bad), StringComparison.Ordinal);
        await Boards("power", "cycle", Board);
        await Becomes(now => (string?)now["rolledBack"]?["slot"] == "a" && (string?)now["resetReason"] == "rollback", "the bad slot rolled back");
        status = await Status();
        Assert.Equal(("b", "b"), ((string?)status["running"], (string?)status["confirmed"]));
        Assert.Equal(3, Console().Split('\n').Count(line => line.StartsWith("BOOT slot=a version=0.3.0 trial=yes", StringComparison.Ordinal)));

        await Boards("power", "off", Board);
        Assert.Equal("off", (string?)(await Status())["power"]);
        Assert.Contains("agent.stopping reason=requested", Console(), StringComparison.Ordinal);
        await RigProcess.NothingIsLeftOf(_folder);
    }

    [Fact]
    public async Task An_image_is_the_same_file_at_every_build_and_a_wrong_one_is_refused_before_a_slot_is_touched()
    {
        string image = await Image("one.img", "0.1.0"), again = await Image("two.img", "0.1.0");
        byte[] bytes = await File.ReadAllBytesAsync(image);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(again));
        await Boards("flash", Board, image);
        string slot = Path.Combine(State, "qemu", Board, "slot-b.img"), boot = Path.Combine(State, "qemu", Board, "boot-state.img");
        (byte[] slotBefore, byte[] bootBefore) = (await File.ReadAllBytesAsync(slot), await File.ReadAllBytesAsync(boot));

        (await RigCommand.Ground("keys", "new", "--out", Path.Combine(_folder, "strangers"))).Done();
        await Refused(await Image("stranger.img", "0.2.0", "--key", Path.Combine(_folder, "strangers", "image.key")), "expected a trusted key");
        await Refused(await Image("class.img", "0.2.0", "--class", "raspberrypi-4"), "found one for \"raspberrypi-4\"");
        string damaged = Path.Combine(_folder, "damaged.img");
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(damaged, bytes);
        await Refused(damaged, "expected SHA-256");
        await Refused(Path.Combine(_folder, "nowhere.img"), "no such file");
        await Refused(Repository.PathOf("README.md"), "this is no board image");

        Assert.Equal(slotBefore, await File.ReadAllBytesAsync(slot));
        Assert.Equal(bootBefore, await File.ReadAllBytesAsync(boot));
    }

    private async Task<string> Image(string name, string version, params string[] more)
    {
        string file = Path.Combine(_folder, name);
        (await RigCommand.Rig(["image", "build", "--out", file, "--version", version, "--keys", Keys, .. more])).Done();
        return file;
    }

    /// <summary>An agent that cannot become healthy: it ends at once.</summary>
    private string BrokenAgent()
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, "broken")).FullName;
        string agent = Path.Combine(folder, "satnode-agent");
        File.WriteAllText(agent, "#!/bin/sh\necho this agent is broken\nexit 1\n");
        File.WriteAllText(Path.Combine(folder, "none.so"), "");
        return agent;
    }

    private async Task Refused(string image, string told)
    {
        RigCommand.Answer answer = await RigCommand.Rig("boards", "flash", Board, image, "--state", State, "--keys", Keys);
        Assert.Equal(2, answer.Code);
        Assert.Contains(told, Assert.Single(answer.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private async Task<string> Boards(params string[] arguments)
    {
        string[] keys = arguments[0] is "flash" || arguments[1] is "on" ? ["--keys", Keys] : [];
        return (await RigCommand.Rig(["boards", .. arguments, "--state", State, .. keys])).Done();
    }

    private async Task<JsonNode> Status() => JsonNode.Parse((await RigCommand.Rig("boards", "status", Board, "--format", "json", "--state", State)).Done())![0]!;

    private string Console() => File.ReadAllText(Path.Combine(State, "qemu", Board, "console.log"));

    private async Task Becomes(Func<JsonNode, bool> condition, string what)
    {
        long begin = TimeProvider.System.GetTimestamp();
        JsonNode status;
        while (!condition(status = await Status()))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < TimeSpan.FromMinutes(3), $"expected {what}, found {status.ToJsonString()}\n{Console()}");
            await Task.Delay(500, TestContext.Current.CancellationToken);
        }
    }
}
