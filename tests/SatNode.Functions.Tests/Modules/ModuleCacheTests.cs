using SatNode.Functions.Runtime;
using SatNode.Functions.Tests.Runtime;

namespace SatNode.Functions.Tests.Modules;

/// <summary>The cache of machine code: used when whole, never when not.</summary>
public sealed class ModuleCacheTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-cache-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Takes_machine_code_from_the_cache_after_a_restart()
    {
        Assert.Equal((ModuleOrigin.Compiled, ""), Install());
        Assert.Equal((ModuleOrigin.Cache, ""), Install());
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Compiles_anew_when_any_byte_is_damaged_or_missing_and_mends_the_file()
    {
        Install();
        string path = Assert.Single(Directory.GetFiles(_folder));
        byte[] whole = File.ReadAllBytes(path);
        // Every byte of the header, and a spread over the body; then cuts.
        foreach (int at in Enumerable.Range(0, 40).Concat(Enumerable.Range(1, 20).Select(i => i * (whole.Length - 1) / 20)))
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 1;
            AssertRefused(path, damaged);
        }
        foreach (int length in (int[])[0, 1, 39, 40, 41, whole.Length - 1])
            AssertRefused(path, whole[..length]);
    }

    [Fact]
    public void Does_not_load_a_file_made_for_another_engine_or_cpu()
    {
        Install();
        string path = Assert.Single(Directory.GetFiles(_folder));
        string[] parts = Path.GetFileName(path).Split('.');
        Assert.Equal(3, parts.Length);
        File.Move(path, Path.Combine(_folder, $"{parts[0]}.0123456789abcdef.{parts[2]}"));
        Assert.Equal((ModuleOrigin.Compiled, ""), Install());
        Assert.Equal(2, Directory.GetFiles(_folder).Length);
    }

    [Fact]
    public void Keeps_no_more_entries_than_it_is_told()
    {
        using var runtime = new FunctionRuntime(new() { CacheFolder = _folder, CacheEntriesMax = 2 });
        for (int i = 0; i < 4; i++)
        {
            byte[] module = Runtime.Modules.Reactor($"i64.const {i}");
            runtime.Install(Runtime.Modules.Manifest(module), module).Dispose();
        }
        Assert.Equal(2, Directory.GetFiles(_folder).Length);
    }

    [Fact]
    public void Works_on_when_the_folder_is_gone()
    {
        using var runtime = new FunctionRuntime(new() { CacheFolder = _folder });
        Directory.Delete(_folder);
        using DeployedFunction function = runtime.Install(Runtime.Modules.Manifest(Runtime.Modules.Echo), Runtime.Modules.Echo);
        Assert.StartsWith("cache: Could not find", function.CacheRemark, StringComparison.Ordinal);
        Assert.True(runtime.Invoke(function, default, new TestEnvironment(), CancellationToken.None).Succeeded);
        Directory.CreateDirectory(_folder);
    }

    private void AssertRefused(string path, byte[] damaged)
    {
        File.WriteAllBytes(path, damaged);
        Assert.Equal((ModuleOrigin.Compiled, $"cache: expected {Path.GetFileName(path)} to match its own SHA-256, found damage; compiled anew"), Install());
        Assert.Equal((ModuleOrigin.Cache, ""), Install());
    }

    private (ModuleOrigin, string) Install()
    {
        using var runtime = new FunctionRuntime(new() { CacheFolder = _folder });
        using DeployedFunction function = runtime.Install(Runtime.Modules.Manifest(Runtime.Modules.Echo), Runtime.Modules.Echo);
        Assert.True(runtime.Invoke(function, new byte[] { 1 }, new TestEnvironment(), CancellationToken.None).Succeeded);
        return (function.Origin, function.CacheRemark);
    }
}
