using System.Net;
using System.Net.Sockets;

namespace SatNode.Rig.Scenarios.Flight;

/// <summary>Ports of this machine.</summary>
internal static class Ports
{
    /// <summary>A number of free loopback ports; all different.</summary>
    public static IReadOnlyList<int> Free(int count)
    {
        List<Socket> probes = [];
        try
        {
            for (int i = 0; i < count; i++)
            {
                var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                probes.Add(probe);
                probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            }
            return [.. probes.Select(probe => ((IPEndPoint)probe.LocalEndPoint!).Port)];
        }
        finally
        {
            foreach (Socket probe in probes)
                probe.Dispose();
        }
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
