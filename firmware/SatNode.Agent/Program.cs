using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using SatNode.Agent.Composition;
using SatNode.Agent.Configuration;
using SatNode.Functions.Isolation;

const int BadInput = 2;
const int Unfit = 3;

switch (args)
{
    case ["--version"]:
        Console.WriteLine(typeof(AgentHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);
        return 0;
    case ["--config", string path]:
        return await Fly(path);
    case ["--try", string folder]:
        return Try(folder);
    case ["--worker", .. string[] rest]: // by an agent alone
        return FunctionWorker.Run(rest);
    default:
        Console.Error.WriteLine("usage: satnode-agent --config FILE | --try FOLDER | --version");
        return BadInput;
}

static int Try(string folder)
{
    try
    {
        return FunctionTrial.Run(folder, Console.Out) ? 0 : BadInput;
    }
    catch (OptionsException e)
    {
        Console.Error.WriteLine(e.Message);
        return BadInput;
    }
}

static async Task<int> Fly(string path)
{
    using var stop = new CancellationTokenSource();
    using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    try
    {
        await using var agent = new AgentHost(AgentOptionsFile.Read(path), Path.GetDirectoryName(Path.GetFullPath(path))!, Console.Out, Console.Error,
            Environment.GetEnvironmentVariable("SATNODE_SLOT"));
        await agent.Run(stop.Token);
        return 0;
    }
    catch (OptionsException e)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return BadInput;
    }
    catch (HealthCheckException e)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return Unfit;
    }
    catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
    {
        await Console.Error.WriteLineAsync($"{path}: network.listenPort: the port is in use");
        return BadInput;
    }

    void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        stop.Cancel();
    }
}
