using System.CommandLine;
using SatNode.Rig.Cloud;
using SatNode.Rig.Scenarios.Flight;

namespace SatNode.Rig.Commands;

/// <summary><c>satnode-rig cloud</c>: a control plane to try things on, without a flight.</summary>
internal static class CloudCommands
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The command.</summary>
    public static Command Create(TextWriter output)
    {
        var below = new Option<string>("--out") { Description = "The folder for its data, keys and logs; what is in it is taken away first.", DefaultValueFactory = _ => "runs/cloud" };
        var cloud = new Command("cloud", "Runs etcd and kube-apiserver with SatNode's and Polaris' resources on loopback, until Ctrl-C.") { below };
        cloud.SetAction(async (parsed, cancellation) =>
        {
            string folder = Prepare(parsed.GetRequiredValue(below));
            await using ControlPlane plane = await ControlPlane.Start(CloudTools.Find(), folder, TimeProvider.System, cancellation);
            await output.WriteLineAsync($"ready server={plane.Server.AbsoluteUri.TrimEnd('/')} kubeconfig={plane.Kubeconfig(ControlPlane.Administrator)} bridge={plane.Kubeconfig(ControlPlane.Bridge)}");
            await output.FlushAsync(CancellationToken.None);
            await Task.WhenAny(plane.Kept, Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation)).Unwrap().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (plane.Kept.IsFaulted)
                await plane.Kept;
            return RigCommands.Passed;
        });
        return cloud;
    }

    private static string Prepare(string folder)
    {
        string path = Path.GetFullPath(folder);
        if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any() && !File.Exists(Path.Combine(path, "tokens.csv"))))
            throw new FlightException($"--out: expected a new folder or one of an earlier control plane, found '{folder}'");
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, Private);
        return path;
    }
}
