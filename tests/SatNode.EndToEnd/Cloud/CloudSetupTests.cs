namespace SatNode.EndToEnd.Cloud;

/// <summary>What <c>satnode-rig setup</c> and its absence look like.</summary>
public sealed class CloudSetupTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-e2e-setup-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Says_why_a_part_cannot_be_had_and_leaves_nothing_half_done()
    {
        // A machine with a shell and without Debian's tools.
        string path = Path.Combine(_folder, "bin");
        Directory.CreateDirectory(path);
        foreach (string program in (string[])["bash", "dirname", "setsid", "setpriv"])
            File.CreateSymbolicLink(Path.Combine(path, program), Where(program));
        (int code, string output, string errors) = await Run(["setup", "cloud"], path);

        Assert.Equal(2, code);
        string log = Path.Combine(_folder, "satnode", "cloud", "etcd-prometheus.log");
        Assert.Equal($"satnode-rig: setup cloud: etcd-prometheus debian12: apt-get was not found: Debian 12 or a system like it is needed (exit code 1; the whole is in {log})", errors.Trim());
        Assert.Contains("fetching from Debian", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(Path.Combine(_folder, "satnode", "cloud")));
    }

    [Fact]
    public async Task Lists_what_is_not_there_and_how_to_get_it()
    {
        (int code, string output, _) = await Run(["setup"]);
        Assert.Equal(0, code);
        Assert.Matches("kube-apiserver +1.20.2 +not there; run: satnode-rig setup cloud", output);
    }

    [Fact]
    public async Task A_control_plane_that_was_not_set_up_is_one_line_and_exit_code_2()
    {
        (int code, _, string errors) = await Run(["cloud", "--out", Path.Combine(_folder, "plane")]);
        Assert.Equal(2, code);
        Assert.Equal("satnode-rig: cloud: etcd-prometheus debian12 is not there; run: satnode-rig setup cloud", errors.Trim());
    }

    [Fact]
    public async Task A_folder_with_other_things_is_not_taken_away()
    {
        string file = Path.Combine(_folder, "mine", "thesis.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, "years");
        (int code, _, string errors) = await Run(["cloud", "--out", Path.GetDirectoryName(file)!]);
        Assert.Equal(2, code);
        Assert.Contains("--out: expected a new folder", errors, StringComparison.Ordinal);
        Assert.True(File.Exists(file));
    }

    private async Task<(int Code, string Output, string Errors)> Run(string[] arguments, string? path = null)
    {
        Dictionary<string, string> environment = new(StringComparer.Ordinal) { ["XDG_CACHE_HOME"] = _folder };
        if (path is not null)
            environment["PATH"] = path;
        using RigProcess rig = RigProcess.StartCommand(arguments, environment);
        int code = await rig.Ended(TimeSpan.FromMinutes(1));
        return (code, rig.Output, rig.Errors);
    }

    private static string Where(string program) => Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, program)).First(File.Exists);
}
