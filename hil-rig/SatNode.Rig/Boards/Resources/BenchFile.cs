using SatNode.Rig.Boards.Strategies;
using SatNode.Rig.Scenarios;
using SatNode.Rig.Scenarios.Yaml;

namespace SatNode.Rig.Boards.Resources;

/// <summary>A board of a bench: what is there, and how its states are told apart.</summary>
/// <param name="Resource">The board.</param>
/// <param name="Strategy">How it shows that it runs.</param>
public sealed record BenchBoard(BoardResource Resource, BoardStrategyOptions Strategy);

/// <summary>A bench as a YAML file describes it: boards with their resource, the options of their drivers and of their strategy.</summary>
/// <param name="Name">The bench.</param>
/// <param name="File">The file, as the user named it.</param>
/// <param name="Boards">The boards, in the file's order.</param>
public sealed record BenchFile(string Name, string File, IReadOnlyList<BenchBoard> Boards)
{
    /// <summary>Boards of one bench.</summary>
    public const int MaxBoards = 64;

    private static readonly System.Buffers.SearchValues<char> NameCharacters = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    private const int MaxNameCharacters = 24; // sockets are named by it, and their paths are short

    /// <summary>Reads a file.</summary>
    /// <exception cref="ScenarioException">It is not a bench; all faults with file and line.</exception>
    public static BenchFile Read(string path)
    {
        var file = new YamlFile(path, []);
        return Finish(file, file.Read());
    }

    /// <summary>Reads a text as if it were a file.</summary>
    internal static BenchFile Parse(string path, string text)
    {
        var file = new YamlFile(path, []);
        return Finish(file, file.Parse(text));
    }

    private static BenchFile Finish(YamlFile file, YamlMap? map)
    {
        string name = "";
        List<BenchBoard> boards = [];
        if (map is not null)
        {
            name = ReadName(map.Need("name"));
            HashSet<string> names = new(StringComparer.Ordinal);
            foreach (YamlValue item in map.Need("boards")?.AsList(MaxBoards) ?? [])
            {
                if (item.AsMap() is not { } entry || ReadBoard(entry) is not { } board)
                    continue;
                if (!names.Add(board.Resource.Name))
                    item.Fault($"expected each board once, found '{board.Resource.Name}' twice");
                boards.Add(board);
            }
            map.Close();
        }
        return file.Faults.Count == 0 ? new(name, file.Path, boards) : throw new ScenarioException(file.Faults);
    }

    private static BenchBoard? ReadBoard(YamlMap map)
    {
        string name = ReadName(map.Need("name"));
        YamlMap? resource = map.Need("resource")?.AsMap();
        YamlMap? drivers = map.Find("drivers")?.AsMap(), power = drivers?.Find("power")?.AsMap(), load = drivers?.Find("load")?.AsMap();
        BoardResource? read = resource is null ? null : resource.Need("kind")?.AsOneOf("qemu", "process") switch
        {
            "qemu" => ReadQemu(name, resource, power, load),
            "process" => new ProcessBoardResource { Name = name, Executable = "", ShutdownGrace = Grace(power, TimeSpan.FromSeconds(5)) },
            _ => null,
        };
        YamlMap? strategy = map.Find("strategy")?.AsMap();
        TimeSpan bootTimeout = TimeSpan.FromSeconds(strategy?.Find("bootTimeoutSeconds")?.AsNumber(1, 600) ?? 60);
        foreach (YamlMap? part in (YamlMap?[])[resource, power, load, drivers, strategy, map])
            part?.Close();
        return read is null ? null : new(read, new() { BootTimeout = bootTimeout });
    }

    private static QemuBoardResource ReadQemu(string name, YamlMap map, YamlMap? power, YamlMap? load)
    {
        var otherwise = new QemuBoardResource { Name = name };
        return otherwise with
        {
            BoardClass = map.Find("boardClass")?.AsText() ?? otherwise.BoardClass,
            Cpu = map.Find("cpu")?.AsText() ?? otherwise.Cpu,
            MemoryMegabytes = (int)(map.Find("memoryMegabytes")?.AsInteger(128, 4096) ?? otherwise.MemoryMegabytes),
            SlotMegabytes = (int)(map.Find("slotMegabytes")?.AsInteger(48, 1024) ?? otherwise.SlotMegabytes),
            DataMegabytes = (int)(map.Find("dataMegabytes")?.AsInteger(16, 1024) ?? otherwise.DataMegabytes),
            ShutdownGrace = Grace(power, otherwise.ShutdownGrace),
            EmulationSlowdown = load?.Find("emulationSlowdown")?.AsNumber(1, 100) ?? otherwise.EmulationSlowdown,
        };
    }

    private static TimeSpan Grace(YamlMap? power, TimeSpan otherwise) =>
        power?.Find("shutdownGraceSeconds")?.AsNumber(0.1, 120) is { } seconds ? TimeSpan.FromSeconds(seconds) : otherwise;

    private static string ReadName(YamlValue? value)
    {
        if (value is null)
            return "";
        string name = value.AsText();
        if (name.Length is 0 or > MaxNameCharacters || name.AsSpan().ContainsAnyExcept(NameCharacters) || name[0] == '-')
            value.Fault($"expected 1 to {MaxNameCharacters} of a-z, 0-9 and hyphen, found '{name}'");
        return name;
    }
}
