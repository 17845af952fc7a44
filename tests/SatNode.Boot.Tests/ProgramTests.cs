using System.Diagnostics;
using System.Security.Cryptography;
using SatNode.Protocol.Boards;

namespace SatNode.Boot.Tests;

public sealed class ProgramTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-boot-").FullName;

    public ProgramTests()
    {
        File.WriteAllBytes(PathOf("state"), new byte[BootStateStore.BlockBytes]);
        File.WriteAllBytes(PathOf("a"), new byte[128 * 1024]);
        File.WriteAllBytes(PathOf("b"), new byte[128 * 1024]);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(PathOf("image.pub"), key.ExportSubjectPublicKeyInfoPem());
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    private string[] Arguments => ["--boot-state", PathOf("state"), "--slot-a", PathOf("a"), "--slot-b", PathOf("b"), "--key", PathOf("image.pub"), "--board-class", "test"];

    [Fact]
    public void The_slot_goes_to_standard_output_and_the_line_to_the_console()
    {
        (int code, string output, string console) = Run(Arguments);
        Assert.Equal((0, "a\n"), (code, output));
        Assert.Equal("""
            satnode-boot: no valid copy of the boot state: slot a boots; a board that was flashed once has one
            satnode-boot: slot a has no manifest; it boots as the slot that was confirmed
            BOOT slot=a version=unknown trial=no rollback=none clock=rtc

            """, console);
    }

    [Fact]
    public void A_time_server_that_is_not_there_does_not_stop_the_boot()
    {
        (int code, string output, string console) = Run([.. Arguments, "--time", "127.0.0.1:9"]);
        Assert.Equal((0, "a\n"), (code, output));
        Assert.Contains("satnode-boot: clock: no answer from 127.0.0.1:9; going on with the real-time clock\n", console, StringComparison.Ordinal);
        Assert.EndsWith(" clock=rtc\n", console, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("satnode-boot: --boot-state: expected, found nothing")]
    [InlineData("satnode-boot: --slot: no such option", "--slot", "a")]
    [InlineData("satnode-boot: --slot-a: expected a value, found none", "--slot-a")]
    [InlineData("satnode-boot: --slot-a: expected once, found twice", "--slot-a", "a", "--slot-a", "b")]
    [InlineData("satnode-boot: --time: expected an address and a port such as 10.0.2.2:123, found ntp.org", "--boot-state", "s", "--slot-a", "a", "--slot-b", "b", "--key", "k",
        "--board-class", "c", "--time", "ntp.org")]
    public void Refuses_a_command_line(string expected, params string[] arguments)
    {
        Assert.Null(BootOptions.Parse(arguments, out string fault));
        Assert.Equal($"{expected}\n{BootOptions.Usage}", fault);
    }

    [Fact]
    public void Refuses_a_key_that_is_none()
    {
        File.WriteAllText(PathOf("image.pub"), "nothing");
        (int code, string output, string console) = Run(Arguments);
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith($"satnode-boot: {PathOf("image.pub")}: expected a public key in PEM: ", console, StringComparison.Ordinal);
        Assert.Single(console.Trim().Split('\n'));
    }

    private static (int Code, string Output, string Console) Run(string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "satnode-boot.dll"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> console = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, console.Result);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
