using System.Net;

namespace SatNode.Boot;

/// <summary>What the boot stage is told on its command line.</summary>
internal sealed record BootOptions
{
    internal const string Usage = "usage: satnode-boot --boot-state DISK --slot-a DISK --slot-b DISK --key FILE --board-class NAME [--time ADDRESS:PORT] | --version";

    /// <summary>The boot state's block.</summary>
    public required string BootState { get; init; }

    /// <summary>Slot a.</summary>
    public required string SlotA { get; init; }

    /// <summary>Slot b.</summary>
    public required string SlotB { get; init; }

    /// <summary>PEM file of the public key that signs images.</summary>
    public required string Key { get; init; }

    /// <summary>What images must be for.</summary>
    public required string BoardClass { get; init; }

    /// <summary>The server of time; null when there is none.</summary>
    public IPEndPoint? TimeServer { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="fault">What is wrong with it; empty when nothing is.</param>
    internal static BootOptions? Parse(ReadOnlySpan<string> arguments, out string fault)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < arguments.Length; i += 2)
        {
            string option = arguments[i];
            if (option is not ("--boot-state" or "--slot-a" or "--slot-b" or "--key" or "--board-class" or "--time"))
                return Fail($"satnode-boot: {option}: no such option", out fault);
            if (i + 1 == arguments.Length || arguments[i + 1].Length == 0)
                return Fail($"satnode-boot: {option}: expected a value, found none", out fault);
            if (!given.TryAdd(option, arguments[i + 1]))
                return Fail($"satnode-boot: {option}: expected once, found twice", out fault);
        }
        foreach (string required in (string[])["--boot-state", "--slot-a", "--slot-b", "--key", "--board-class"])
        {
            if (!given.ContainsKey(required))
                return Fail($"satnode-boot: {required}: expected, found nothing", out fault);
        }
        IPEndPoint? server = null;
        if (given.TryGetValue("--time", out string? time) && (!IPEndPoint.TryParse(time, out server) || server.Port == 0))
            return Fail($"satnode-boot: --time: expected an address and a port such as 10.0.2.2:123, found {time}", out fault);
        fault = "";
        return new()
        {
            BootState = given["--boot-state"],
            SlotA = given["--slot-a"],
            SlotB = given["--slot-b"],
            Key = given["--key"],
            BoardClass = given["--board-class"],
            TimeServer = server,
        };
    }

    private static BootOptions? Fail(string text, out string fault)
    {
        fault = $"{text}\n{Usage}";
        return null;
    }
}
