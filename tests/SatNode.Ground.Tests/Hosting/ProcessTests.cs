using System.Diagnostics;
using System.Text.RegularExpressions;

namespace SatNode.Ground.Tests.Hosting;

/// <summary>The executable as others start it.</summary>
public sealed partial class ProcessTests
{
    [Fact]
    public async Task Says_when_it_is_ready_and_ends_on_request()
    {
        await using TestStation station = await TestStation.StartAsync();
        await station.StopAsync();
        using Process process = Start("serve", "--config", Path.Combine(station.Folder, "ground.yaml"));
        string? line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.Matches(ReadyLine(), line);
        using (Process kill = Process.Start("kill", ["-TERM", process.Id.ToString()]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System);
        Assert.Equal(0, process.ExitCode);
    }

    [Theory]
    [InlineData("mqtt")]
    [InlineData("http")]
    public async Task Says_in_one_line_that_a_port_is_in_use(string key)
    {
        await using TestStation station = await TestStation.StartAsync();
        int port = key is "mqtt" ? station.MqttPort : station.Http.BaseAddress!.Port;
        string config = Path.Combine(station.Folder, "other.yaml");
        string text = await File.ReadAllTextAsync(Path.Combine(station.Folder, "ground.yaml"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(config, text.Replace($"{key}: {{ port: 0 }}", $"{key}: {{ port: {port} }}", StringComparison.Ordinal)
            .Replace("dataFolder: data", "dataFolder: other", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        using Process process = Start("serve", "--config", config);
        string errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, process.ExitCode);
        Assert.Equal($"satnode-ground: {config}: {key}.port: 127.0.0.1:{port} cannot be used: Address already in use", errors.TrimEnd('\n'), ignoreCase: true);
        Assert.Equal("", await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(null, "kubeconfig file not found")]
    [InlineData("{]", "expected a kubeconfig: ")]
    [InlineData("apiVersion: v1\nkind: Config\n", "Cannot infer server host url")]
    public async Task Says_in_one_line_what_is_wrong_with_the_kubeconfig(string? content, string expected)
    {
        await using TestStation station = await TestStation.StartAsync();
        await station.StopAsync();
        string kubeconfig = Path.Combine(station.Folder, "bridge.kubeconfig");
        if (content is not null)
            await File.WriteAllTextAsync(kubeconfig, content, TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(Path.Combine(station.Folder, "ground.yaml"), "\ncloud: { kubeconfig: bridge.kubeconfig }\n", TestContext.Current.CancellationToken);
        using Process process = Start("serve", "--config", Path.Combine(station.Folder, "ground.yaml"));
        string errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, process.ExitCode);
        Assert.StartsWith($"satnode-ground: {kubeconfig}: ", errors, StringComparison.Ordinal);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd('\n').Split('\n'));
        Assert.Equal("", await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    private static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "satnode-ground.dll"), .. arguments])
    {
        UseShellExecute = false,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    [GeneratedRegex(@"^ready http=http://127\.0\.0\.1:[0-9]+ mqtt=127\.0\.0\.1:[0-9]+$", RegexOptions.None, 1000)]
    private static partial Regex ReadyLine();
}
