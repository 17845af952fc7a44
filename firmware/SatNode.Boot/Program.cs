using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using SatNode.Boot;
using SatNode.Boot.Clock;
using SatNode.Protocol.Boards;

const int BadInput = 2;

if (args is ["--version"])
{
    Console.WriteLine(typeof(BootStage).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);
    return 0;
}
if (BootOptions.Parse(args, out string fault) is not { } options)
{
    Console.Error.WriteLine(fault);
    return BadInput;
}
using var key = ECDsa.Create();
try
{
    key.ImportFromPem(File.ReadAllText(options.Key));
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
{
    Console.Error.WriteLine($"satnode-boot: {options.Key}: expected a public key in PEM: {e.Message}");
    return BadInput;
}

// The clock comes first: what is said and stored from here on has the time.
string clock = SetClock();
var stage = new BootStage(
    () => Disk.Open(options.BootState, FileAccess.ReadWrite), slot => Disk.Open(slot == BootSlot.A ? options.SlotA : options.SlotB, FileAccess.Read), [key], options.BoardClass, Say);
BootReport report = stage.Decide();
Console.Error.WriteLine($"{report} {clock}");
Console.WriteLine(report.Slot.Name());
return 0;

string SetClock()
{
    if (options.TimeServer is not { } server)
        return "clock=rtc";
    if (new SntpClient(server, TimeProvider.System).Ask(out string why) is not { } off)
    {
        Say($"clock: {why}; going on with the real-time clock");
        return "clock=rtc";
    }
    try
    {
        SystemClock.Add(off.Offset);
        return string.Create(CultureInfo.InvariantCulture, $"clock=sntp offset-ms={off.Offset.TotalMilliseconds:F3} round-trip-ms={off.RoundTrip.TotalMilliseconds:F3}");
    }
    catch (Win32Exception e)
    {
        Say($"clock: can't be set: {e.Message}; going on with the real-time clock");
        return "clock=rtc";
    }
}

static void Say(string text) => Console.Error.WriteLine($"satnode-boot: {text}");
