using System.Net;
using System.Net.Sockets;

namespace SatNode.Rig.Scenarios.Flight;

/// <summary>Ports of this machine.</summary>
internal static class Ports
{
    private const int First = 20_000;
    private const int End = 32_768; // from here on the kernel gives ports to connections (ip_local_port_range)

    private static int _last = Environment.ProcessId * 64; // two rigs on one machine begin apart

    /// <summary>A number of free loopback ports; all different. Whoever gets one opens it later: it is none that a connection could be given meanwhile.</summary>
    /// <exception cref="FlightException">There are not so many.</exception>
    public static IReadOnlyList<int> Free(int count)
    {
        List<int> free = [];
        for (int i = 0; i < End - First && free.Count < count; i++)
        {
            int port = First + (int)((uint)Interlocked.Increment(ref _last) % (End - First)); // none is given twice, while all others are left
            if (!IsInUse(port))
                free.Add(port);
        }
        return free.Count == count ? free : throw new FlightException($"expected {count} free ports from {First} to {End - 1}, found {free.Count}");
    }

    /// <summary>Refuses a scenario whose ports somebody holds, with the place where it asks for them.</summary>
    /// <exception cref="ScenarioException">A port is in use.</exception>
    public static void Require(Scenario scenario)
    {
        List<ScenarioFault> faults = [];
        foreach ((string key, PortSpec port) in (ReadOnlySpan<(string, PortSpec)>)[("ground.httpPort", scenario.Ground.Http), ("ground.mqttPort", scenario.Ground.Mqtt)])
        {
            if (port.Port != 0 && IsInUse(port.Port))
                faults.Add(new(scenario.File, port.Line, port.Column, $"{key}: port {port.Port} is in use by another program"));
        }
        if (faults.Count > 0)
            throw new ScenarioException(faults);
    }

    private static bool IsInUse(int port)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
