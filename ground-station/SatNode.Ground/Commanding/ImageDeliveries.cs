using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using SatNode.Ground.Functions;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Images;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Ground.Commanding;

/// <summary>Brings the image of a deploy to its satellite before the deploy is released: <c>image.begin</c>, whose completion says what is missing there, then an <c>image.chunk</c> for
/// each missing part. All of them are commands of the queue, released, sent again and followed as any other, so that a delivery goes on where the last contact broke it off.</summary>
internal sealed class ImageDeliveries(FunctionLibrary library)
{
    /// <summary>How often a delivery begins anew, when the satellite restarted under way or what it has of the image turned out to be damaged.</summary>
    public const int RoundsMax = 4;

    private FunctionImage? _readLast; // by the writer's thread alone: the chunks of a module follow one another

    /// <summary>The function of a deploy's image; null when the library does not have it, and the satellite must have it already.</summary>
    public string? FunctionOf(string image) => library.FindSigned(image)?.Outline.Manifest.Name;

    /// <summary>The deploys to a satellite whose deliveries have something to do: nothing of them is on its way, and no deploy before brings the same image.</summary>
    public static List<CommandRow> Due(SqliteConnection connection, string node) =>
        [.. CommandStore.Held(connection, node).DistinctBy(deploy => deploy.Arguments["image"].AsText(), StringComparer.Ordinal).Where(deploy => IsDue(connection, deploy))];

    /// <summary>Takes the next step of a delivery of which nothing is on its way.</summary>
    /// <param name="connection">The archive, in a transaction.</param>
    /// <param name="deploy">The deploy that waits for it.</param>
    /// <param name="now">World time.</param>
    public void Step(SqliteConnection connection, CommandRow deploy, DtnTime now)
    {
        List<DeliveryCommand> parts = CommandStore.Deliveries(connection, deploy.Ordinal);
        int begin = parts.FindLastIndex(part => part.Name == Commands.BeginImage.Name);
        int rounds = parts.Count(part => part.Name == Commands.BeginImage.Name);
        DeliveryCommand? failed = parts.Skip(Math.Max(0, begin)).FirstOrDefault(part => part.State != CommandState.Completed);
        if (failed is not null && (rounds >= RoundsMax || (failed.Name == Commands.BeginImage.Name && failed.Detail != CommandStore.StartedAnew)))
            CommandStore.Fail(connection, deploy.Id, failed.Reason, $"{failed.Name}: {failed.Detail}", now); // an image that is refused would be again
        else if (begin < 0 || failed is not null)
            Begin(connection, deploy, now);
        else if (begin < parts.Count - 1)
            CommandStore.LetGo(connection, deploy, "the image is on board", now);
        else
            Continue(connection, deploy, parts[begin].Detail, now);
    }

    /// <summary>The arguments of a command as it is sent: a chunk's bytes are read from the library.</summary>
    /// <param name="command">The command.</param>
    /// <param name="fault">Why there are none.</param>
    public IReadOnlyDictionary<string, ArgumentValue>? ArgumentsOf(CommandRow command, out string fault)
    {
        fault = "";
        if (command.Name != Commands.DeliverChunk.Name || command.Arguments.ContainsKey("bytes"))
            return command.Arguments;
        try
        {
            ReadOnlyMemory<byte> module = Read(command.Arguments["image"].AsText()).Module;
            Range range = ImageDelivery.RangeOf(module.Length, (int)command.Arguments["chunk"].AsInteger());
            return new Dictionary<string, ArgumentValue>(command.Arguments, StringComparer.Ordinal) { ["bytes"] = module[range].ToArray() };
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            fault = $"the library cannot give the image: {e.Message}";
            return null;
        }
    }

    private FunctionImage Read(string image) => _readLast is { } last && last.Digest == image && library.FindSigned(image) is not null ? last : _readLast = library.Load(image);

    private static bool IsDue(SqliteConnection connection, CommandRow deploy) =>
        CommandStore.Deliveries(connection, deploy.Ordinal).TrueForAll(part => part.State is CommandState.Completed or CommandState.Failed or CommandState.Expired);

    private void Begin(SqliteConnection connection, CommandRow deploy, DtnTime now)
    {
        string image = deploy.Arguments["image"].AsText();
        if (library.FindSigned(image) is not { } kept)
        {
            CommandStore.Fail(connection, deploy.Id, FailureReason.NotFound, $"image {image} is no longer in the library", now);
            return;
        }
        Insert(connection, deploy, Commands.BeginImage, new(StringComparer.Ordinal)
        {
            ["manifest"] = kept.Outline.EncodedManifest.ToArray(),
            ["size"] = kept.Outline.ModuleBytes,
            ["signature"] = kept.Signature.ToArray(),
        });
    }

    private void Continue(SqliteConnection connection, CommandRow deploy, string answer, DtnTime now)
    {
        string image = deploy.Arguments["image"].AsText();
        if (library.FindSigned(image) is not { } kept)
            CommandStore.Fail(connection, deploy.Id, FailureReason.NotFound, $"image {image} is no longer in the library", now);
        else if (!ImageDelivery.TryParse(answer, kept.Outline.ModuleBytes, out ImageDelivery state))
            CommandStore.Fail(connection, deploy.Id, FailureReason.ExecutionFailed, $"image.begin: expected 'complete' or what is missing, found '{answer}'", now);
        else if (state.IsComplete)
            CommandStore.LetGo(connection, deploy, "the image was on board", now);
        else
        {
            foreach (int chunk in state.Missing)
                Insert(connection, deploy, Commands.DeliverChunk, new(StringComparer.Ordinal) { ["image"] = image, ["chunk"] = chunk });
            CommandStore.Note(connection, deploy, $"delivering {state.Missing.Count} of {state.Chunks} chunks", now);
        }
    }

    private static void Insert(SqliteConnection connection, CommandRow deploy, CommandDefinition command, Dictionary<string, ArgumentValue> arguments) =>
        CommandStore.Insert(connection, new(NewId(), deploy.Node, command.Name, arguments, CommandState.Queued, deploy.Queued, deploy.Expiry, null, null, 0), parent: deploy.Ordinal);

    /// <summary>An id for a command that nobody can guess.</summary>
    internal static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
}
