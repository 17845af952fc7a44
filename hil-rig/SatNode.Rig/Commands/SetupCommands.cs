using System.CommandLine;
using System.Globalization;
using SatNode.Rig.Boards.Qemu;
using SatNode.Rig.Cloud;

namespace SatNode.Rig.Commands;

/// <summary><c>satnode-rig setup</c>: prepares this machine, or says what is prepared.</summary>
internal static class SetupCommands
{
    /// <summary>The command.</summary>
    public static Command Create(TextWriter output)
    {
        var setup = new Command("setup", "Prepares this machine; alone it lists what is there.") { Qemu(output), Cloud(output) };
        setup.SetAction(async (_, _) =>
        {
            await output.WriteLineAsync($"qemu, {QemuKit.CacheFolder}");
            foreach (string line in QemuSetup.Lines(QemuKit.CacheFolder))
                await output.WriteLineAsync(line);
            await output.WriteLineAsync($"cloud, {CloudTools.Cache}");
            foreach (CloudPart part in CloudTools.Parts)
                await output.WriteLineAsync(CloudSetup.Line(part));
            return RigCommands.Passed;
        });
        return setup;
    }

    private static Command Qemu(TextWriter output)
    {
        var qemu = new Command("qemu", "Fetches and builds what emulated boards need, from Debian packages; what is there already stays.");
        qemu.SetAction(async (_, cancellation) =>
        {
            TimeProvider machine = TimeProvider.System;
            long begin = machine.GetTimestamp();
            await output.WriteLineAsync($"qemu, {QemuKit.CacheFolder}");
            await new QemuSetup(QemuKit.CacheFolder, output.WriteLine, machine).Run(cancellation);
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"ready after {machine.GetElapsedTime(begin).TotalSeconds:0.0} s"));
            return RigCommands.Passed;
        });
        return qemu;
    }

    private static Command Cloud(TextWriter output)
    {
        var cloud = new Command("cloud", "Fetches and builds what a cloud on the bench needs: etcd, kube-apiserver, Prometheus and Polaris; what is there already stays.");
        cloud.SetAction(async (_, cancellation) =>
        {
            await output.WriteLineAsync($"cloud, {CloudTools.Cache}");
            await new CloudSetup(output.WriteLine, TimeProvider.System).Run(cancellation);
            return RigCommands.Passed;
        });
        return cloud;
    }
}
