using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SatNode.Ground.Api;
using SatNode.Ground.Configuration;
using SatNode.Ground.Functions;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Functions;

namespace SatNode.Ground.Console.Commands;

/// <summary><c>fn push|deploy|list|invoke|logs|profile|undeploy</c>: functions, from the folder where they were built to their output from orbit.</summary>
internal static class FnCommands
{
    private const string ManifestFile = "function.yaml";

    /// <summary>A report may come down a little after the stage that says that it is there.</summary>
    private static readonly TimeSpan ReportPatience = TimeSpan.FromSeconds(10);

    public static Command Create(Session session) => new("fn", "Deploys and invokes functions.") { Push(session), Deploy(session), List(session), Invoke(session), Logs(session),
        FnProfileCommand.Create(session, Function(session), Satellites(session, ArgumentArity.ZeroOrMore, "Where; unless told, all satellites that told of it.")), Undeploy(session) };

    private static Argument<string> Function(Session session)
    {
        var function = new Argument<string>("function") { Description = "The function's name." };
        function.CompletionSources.Add(_ => session.Names.Functions.Select(name => new CompletionItem(name)));
        return function;
    }

    private static Argument<string[]> Satellites(Session session, ArgumentArity arity, string description)
    {
        var satellites = new Argument<string[]>("satellites") { Description = description, Arity = arity };
        satellites.CompletionSources.Add(_ => session.Names.Satellites.Select(name => new CompletionItem(name)));
        return satellites;
    }

    private static Command Push(Session session)
    {
        var source = new Argument<string>("source") { Description = $"The function's folder with its {ManifestFile}, or its manifest." };
        return session.Command("push", "Packs a function and adds it to the station's library.", [source], async (call, cancellation) =>
        {
            string path = call.Get(source);
            string manifest = Directory.Exists(path) ? Path.Combine(path, ManifestFile) : path;
            string text = await File.ReadAllTextAsync(manifest, cancellation);
            byte[] module = await ReadModuleAsync(manifest, text, cancellation);
            _ = FunctionManifestYaml.Read(manifest, text, module); // a fault is told with the file's own lines
            ImageView image = await call.Station.PushAsync(text, module, cancellation);
            if (call.IsJson)
                call.Json(image);
            else
                call.Screen.Line(new("pushed", "green"), new($"{image.Name}:{image.Version}", "bold"), image.Digest, new(Kilobytes(image.ModuleBytes), "grey"));
            return ExitCode.Done;
        });
    }

    private static Command Deploy(Session session)
    {
        Argument<string> reference = Function(session);
        reference.Description = "An image of the library: a name, name:version, a digest or the first 8 digits of one.";
        Argument<string[]> satellites = Satellites(session, ArgumentArity.OneOrMore, "Where to.");
        Option<bool> wait = CmdCommands.Wait();
        Option<int> timeout = CmdCommands.Timeout();
        return session.Command("deploy", "Deploys an image to satellites.", [reference, satellites, wait, timeout], async (call, cancellation) =>
        {
            TimeSpan patience = CmdCommands.Patience(call, timeout);
            string[] nodes = await KnownAsync(call, call.Get(satellites), cancellation);
            List<string> ids = [];
            foreach (string node in nodes)
                ids.Add(await call.Station.DeployAsync(node, call.Get(reference), cancellation));
            return await CmdCommands.FinishAsync(call, ids, call.Get(wait), patience, cancellation);
        });
    }

    private static Command List(Session session) => session.Command("list", "Lists the library's images and where each is deployed.", [], async (call, cancellation) =>
    {
        ImageView[] images = await call.Station.ImagesAsync(cancellation);
        SatelliteView[] satellites = await call.Station.SatellitesAsync(cancellation);
        List<PlacedView> placed = [.. images.Select(image => new PlacedView(image.Name, image.Version, image.Digest, image.ModuleBytes, FnProfileCommand.Totals(satellites, image.Name, image.Version), On(satellites, image.Digest)))];
        placed.AddRange(satellites.SelectMany(satellite => satellite.Functions).DistinctBy(function => (function.Name, function.Digest))
            .Where(function => images.All(image => image.Digest != function.Digest))
            .Select(function => new PlacedView(function.Name, function.Version, function.Digest, null,
                FnProfileCommand.Totals(satellites, function.Name, function.Version), On(satellites, function.Digest))));
        if (call.IsJson)
            call.Json(placed);
        else
            call.Screen.Table(["function", "version", "image", "module", "runs", "failed", "deployed on"], placed.OrderBy(item => item.Name, StringComparer.Ordinal).Select(item => (IReadOnlyList<Cell>)
            [
                new(item.Name, "bold"), item.Version, call.Screen.IsTerminal ? new Cell(People.Digest(item.Digest), "grey") : item.Digest,
                item.ModuleBytes is { } bytes ? Kilobytes(bytes) : new Cell("not in the library", "yellow"),
                Cell.Of(item.Counts.Runs), new(Cell.Of(item.Counts.Failed).Text, item.Counts.Failed > 0 ? "red" : ""), new(string.Join(' ', item.Satellites), "green"),
            ]), "no images; push one with: fn push FOLDER");
        return ExitCode.Done;
    });

    private static Command Invoke(Session session)
    {
        Argument<string> function = Function(session);
        function.Description = "The function's name; an actor's is NAME/KEY.";
        var on = new Option<string?>("--on") { Description = "The satellite; unless told, the station chooses the best that has it." };
        on.CompletionSources.Add(_ => session.Names.Satellites.Select(name => new CompletionItem(name)));
        var input = new Option<string>("--input") { Description = "The input: a text, or @FILE.", DefaultValueFactory = _ => "" };
        Option<bool> wait = CmdCommands.Wait();
        wait.Description = "Follows it to its end and writes its output.";
        Option<int> timeout = CmdCommands.Timeout();
        return session.Command("invoke", "Invokes a function once.", [function, on, input, wait, timeout], async (call, cancellation) =>
        {
            TimeSpan patience = CmdCommands.Patience(call, timeout);
            string given = call.Get(input)!;
            if (call.Get(on) is null && call.Get(function).Contains('/', StringComparison.Ordinal))
                throw new RequestFault($"--on: expected a satellite, because {call.Get(function)} is an actor and remembers on that one only, found none");
            byte[] bytes = given.StartsWith('@') ? CmdCommands.ReadFile(input.Name, given[1..]) : Encoding.UTF8.GetBytes(given);
            string id = call.Get(on) is { } satellite
                ? await call.Station.SendAsync(satellite, new(Protocol.Dictionary.Commands.InvokeFunction.Name, new JsonObject { ["name"] = call.Get(function), ["input"] = new JsonObject { ["base64"] = Convert.ToBase64String(bytes) } }), cancellation)
                : (await call.Station.InvokeAsync(call.Get(function), bytes, cancellation)).Id;
            if (!call.Get(wait))
                return await CmdCommands.FinishAsync(call, [id], isAwaited: false, patience, cancellation);
            var follower = new CommandFollower(call, patience, isAside: true);
            int code = await follower.FollowAsync([id], cancellation);
            if (code != ExitCode.Done)
            {
                if (call.IsJson)
                    call.Json(follower.Seen.Single());
                return code;
            }
            return await WriteOutputAsync(call, id, cancellation);
        });
    }

    private static Command Logs(Session session)
    {
        Argument<string> function = Function(session);
        var follow = new Option<bool>("--follow") { Description = "Goes on until Ctrl-C." };
        var last = new Option<int>("--last") { Description = "How many lines of the past.", DefaultValueFactory = _ => 20 };
        return session.Command("logs", "Shows what a function wrote.", [function, follow, last], async (call, cancellation) =>
        {
            string name = call.Get(function);
            await RequireAsync(call, name, cancellation);
            return await EventCommands.RunAsync(call, null, Events.FunctionLogged.Name, item => item.Arguments["function"]?.ToString() == name, item =>
            {
                if (call.IsJson)
                    call.Json(item);
                else
                    call.Screen.Line(new(call.Screen.IsTerminal ? People.Time(item.Time) : item.Time, "grey"), new(item.Satellite, "bold"), item.Arguments["text"]?.ToString() ?? "");
            }, call.Get(last), call.Get(follow), cancellation);
        });
    }

    private static Command Undeploy(Session session)
    {
        Argument<string> function = Function(session);
        Argument<string[]> satellites = Satellites(session, ArgumentArity.ZeroOrMore, "Where from; unless told, from every satellite that has it.");
        Option<bool> wait = CmdCommands.Wait();
        Option<int> timeout = CmdCommands.Timeout();
        return session.Command("undeploy", "Removes a function from satellites; its image stays in the library.", [function, satellites, wait, timeout], async (call, cancellation) =>
        {
            TimeSpan patience = CmdCommands.Patience(call, timeout);
            string name = call.Get(function);
            await RequireAsync(call, name, cancellation);
            string[] nodes = await KnownAsync(call, call.Get(satellites), cancellation);
            if (nodes.Length == 0)
                nodes = [.. (await call.Station.SatellitesAsync(cancellation)).Where(satellite => satellite.Functions.Any(deployed => deployed.Name == name)).Select(satellite => satellite.Name)];
            if (nodes.Length == 0)
                throw new RequestFault($"no satellite has function '{name}'");
            List<string> ids = [];
            foreach (string node in nodes)
                ids.Add(await call.Station.SendAsync(node, new(Protocol.Dictionary.Commands.UndeployFunction.Name, new JsonObject { ["name"] = name }), cancellation));
            return await CmdCommands.FinishAsync(call, ids, call.Get(wait), patience, cancellation);
        });
    }

    /// <summary>Writes what a command's invocation answered: the bytes as they are, on a terminal as a text that can do nothing to it, with a line of how it went.</summary>
    private static async Task<int> WriteOutputAsync(Call call, string id, CancellationToken cancellation)
    {
        long begin = TimeProvider.System.GetTimestamp();
        InvocationView[] reports;
        while ((reports = await call.Station.InvocationsOfRunAsync(id, cancellation)).Length == 0)
        {
            if (TimeProvider.System.GetElapsedTime(begin) > ReportPatience)
            {
                call.Screen.Note("completed; the report with its output has not come down yet (it is among the invocations once it has)");
                return ExitCode.TimedOut;
            }
            await Following.PauseAsync(cancellation);
        }
        InvocationView report = reports[^1];
        if (call.IsJson)
        {
            call.Json(report);
            return ExitCode.Done;
        }
        string text = Encoding.UTF8.GetString(report.Output);
        if (call.Screen.IsTerminal)
            text = Visible.Of(text.EndsWith('\n') ? text : text + "\n", keepsLines: true);
        await call.Screen.Output.WriteAsync(text);
        await call.Screen.Output.FlushAsync(cancellation);
        if (call.Screen.IsTerminal)
            call.Screen.Note(string.Create(CultureInfo.InvariantCulture, $"{report.Output.Length} bytes from {report.Satellite}, {report.CpuSeconds * 1000:0.#} ms of CPU, {report.Joules:0.###} J"));
        return ExitCode.Done;
    }

    /// <summary>Refuses a function that neither the library nor a satellite has.</summary>
    public static async Task RequireAsync(Call call, string function, CancellationToken cancellation)
    {
        IEnumerable<string> known = (await call.Station.ImagesAsync(cancellation)).Select(image => image.Name)
            .Concat((await call.Station.SatellitesAsync(cancellation)).SelectMany(satellite => satellite.Functions).Select(deployed => deployed.Name)).Distinct(StringComparer.Ordinal).ToArray();
        if (!known.Contains(function, StringComparer.Ordinal))
            throw new RequestFault($"no function '{function}'{Suggestion.For(function, known)}");
    }

    /// <summary>The satellites as they were named, each once; refused before anything is sent when one is unknown.</summary>
    public static async Task<string[]> KnownAsync(Call call, string[] names, CancellationToken cancellation)
    {
        string[] known = [.. (await call.Station.SatellitesAsync(cancellation)).Select(satellite => satellite.Name)];
        foreach (string name in names)
        {
            if (!known.Contains(name, StringComparer.Ordinal))
                throw new RequestFault($"no satellite '{name}'{Suggestion.For(name, known)}");
        }
        return [.. names.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Reads the module that a manifest names, beside it; unless told, the function's name with <c>.wasm</c>.</summary>
    private static async Task<byte[]> ReadModuleAsync(string manifest, string text, CancellationToken cancellation)
    {
        YamlSection root = YamlSection.Parse(manifest, text, FunctionManifestYaml.MaxCharacters);
        string module = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(manifest))!, root.OptionalText("module") ?? $"{root.Text("name")}.wasm");
        var file = new FileInfo(module);
        if (!file.Exists)
            throw root.Fault("module", $"expected a file, found none at {module}");
        if (file.Length > FunctionImage.ModuleBytesMax)
            throw root.Fault("module", string.Create(CultureInfo.InvariantCulture, $"expected at most {FunctionImage.ModuleBytesMax} bytes, found {file.Length}"));
        return await File.ReadAllBytesAsync(module, cancellation);
    }

    private static string[] On(SatelliteView[] satellites, string digest) => [.. satellites.Where(satellite => satellite.Functions.Any(function => function.Digest == digest)).Select(satellite => satellite.Name)];

    private static string Kilobytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1000.0:0.0} kB");

    /// <summary>A function with where it is; the size is null when its image is not in the library.</summary>
    private sealed record PlacedView(string Name, string Version, string Digest, long? ModuleBytes, FnProfileCommand.RunCounts Counts, IReadOnlyList<string> Satellites);
}
