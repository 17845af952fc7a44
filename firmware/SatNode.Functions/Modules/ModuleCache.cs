using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Wasmtime;

namespace SatNode.Functions.Modules;

/// <summary>Compiled modules on disk. A file is named after the module's hash and a key of engine version and CPU, and holds the SHA-256 of that key and
/// its body: one that is damaged, or made for another engine or CPU, is never loaded. The folder must belong to the agent alone, as machine code is run
/// from it.</summary>
/// <remarks>File: <c>"SNWC1\0\0\0"</c>, 32 bytes SHA-256 of key and body, then the body as the engine serialised it.</remarks>
internal sealed class ModuleCache
{
    private const string Extension = ".cwasm";
    private const int HeaderBytes = 8 + SHA256.HashSizeInBytes;
    private const long FileBytesMax = 64L * 1024 * 1024;
    private static readonly byte[] Magic = "SNWC1\0\0\0"u8.ToArray();

    private readonly string _folder;
    private readonly int _entriesMax;
    private readonly byte[] _key;
    private readonly string _keyName;

    /// <summary>Opens the folder and creates it where there is none.</summary>
    /// <exception cref="IOException">The folder cannot be created.</exception>
    public ModuleCache(string folder, int entriesMax)
    {
        _folder = folder;
        _entriesMax = entriesMax;
        _key = Encoding.UTF8.GetBytes($"{typeof(Engine).Assembly.GetName().Version} {RuntimeInformation.RuntimeIdentifier} {CpuFeatures()}");
        _keyName = Convert.ToHexStringLower(SHA256.HashData(_key).AsSpan(0, 8));
        Directory.CreateDirectory(folder);
    }

    /// <summary>The module, or null and why not: <paramref name="remark"/> stays empty where it is just not there.</summary>
    public Module? TryLoad(Engine engine, string name, ReadOnlySpan<byte> moduleHash, out string remark)
    {
        remark = "";
        string path = PathOf(moduleHash);
        try
        {
            if (!File.Exists(path))
                return null;
            if (new FileInfo(path).Length > FileBytesMax)
            {
                remark = $"cache: expected at most {FileBytesMax} bytes, found more; compiled anew";
                return null;
            }
            byte[] file = File.ReadAllBytes(path);
            if (file.Length < HeaderBytes || !file.AsSpan(0, Magic.Length).SequenceEqual(Magic)
                || !file.AsSpan(Magic.Length, SHA256.HashSizeInBytes).SequenceEqual(Digest(file.AsSpan(HeaderBytes))))
            {
                remark = $"cache: expected {Path.GetFileName(path)} to match its own SHA-256, found damage; compiled anew";
                return null;
            }
            return Module.Deserialize(engine, name, file.AsSpan(HeaderBytes));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or WasmtimeException)
        {
            remark = $"cache: {e.Message.TrimEnd('.')}; compiled anew";
            return null;
        }
    }

    /// <summary>Keeps the module; returns why not, or nothing.</summary>
    public string Store(Module module, ReadOnlySpan<byte> moduleHash)
    {
        string path = PathOf(moduleHash);
        string temporary = path + ".new";
        try
        {
            byte[] body = module.Serialize();
            if (body.LongLength + HeaderBytes > FileBytesMax)
                return $"cache: expected at most {FileBytesMax} bytes, found {body.LongLength + HeaderBytes}; not kept";
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                file.Write(Magic);
                file.Write(Digest(body));
                file.Write(body);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
            RemoveOldest();
            return "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or WasmtimeException)
        {
            return $"cache: {e.Message.TrimEnd('.')}; not kept";
        }
    }

    private string PathOf(ReadOnlySpan<byte> moduleHash) => Path.Combine(_folder, $"{Convert.ToHexStringLower(moduleHash)}.{_keyName}{Extension}");

    private byte[] Digest(ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_key);
        hash.AppendData(body);
        return hash.GetHashAndReset();
    }

    private void RemoveOldest()
    {
        FileInfo[] files = new DirectoryInfo(_folder).GetFiles("*" + Extension);
        foreach (FileInfo old in files.OrderByDescending(f => f.LastWriteTimeUtc).ThenBy(f => f.Name, StringComparer.Ordinal).Skip(_entriesMax))
            old.Delete();
    }

    // Machine code uses what the CPU has; the kernel lists it as "flags" (x86) or "Features" (arm64).
    private static string CpuFeatures()
    {
        try
        {
            return File.ReadLines("/proc/cpuinfo").FirstOrDefault(line =>
                line.StartsWith("flags", StringComparison.Ordinal) || line.StartsWith("Features", StringComparison.Ordinal)) ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // no /proc: the engine still checks the CPU itself when it loads
        }
    }
}
