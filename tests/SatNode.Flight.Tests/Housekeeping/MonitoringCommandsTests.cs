using Microsoft.Extensions.Time.Testing;
using SatNode.Flight.Commanding;
using SatNode.Flight.Housekeeping;
using SatNode.Flight.Telemetry;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telecommands;
using SatNode.Protocol.Telemetry;

namespace SatNode.Flight.Tests.Housekeeping;

public sealed class MonitoringCommandsTests : IDisposable
{
    private const string AsBefore = "board.temperature: nominal; soft 253.15..348.15, hard 243.15..353.15 kelvin, persistence 3, by the dictionary; expected at least every 90 s";

    private readonly TemporaryFolder _folder = new();
    private readonly FlightDatabase _database;
    private readonly MonitoringCommands _commands;

    public MonitoringCommandsTests()
    {
        _database = FlightDatabase.Open(_folder.File("flight.db"));
        _commands = new(new(_database, new RecordingEvents(), new FakeTimeProvider()));
    }

    private (FailureReason Reason, string Detail) Execute(CommandDefinition definition, string parameter, string? soft = null, string? hard = null, long persistence = 3)
    {
        var arguments = new Dictionary<string, ArgumentValue>(StringComparer.Ordinal) { ["parameter"] = parameter };
        if (soft is not null && hard is not null)
            (arguments["soft"], arguments["hard"], arguments["persistence"]) = (soft, hard, persistence);
        Assert.Null(definition.Fault(arguments));
        CommandResult result = _commands.Execute(new Telecommand
        {
            Id = "1",
            Node = "here",
            Sequence = 1,
            NotBefore = default,
            Expiry = default,
            DictionaryDigest = MissionDictionary.Digest,
            Name = definition.Name,
            Arguments = arguments,
        });
        return (result.Reason, result.Detail);
    }

    [Fact]
    public void Limits_are_set_and_reported()
    {
        const string set = "board.temperature: nominal; soft ..330, hard 250..340 kelvin, persistence 5, by command; expected at least every 90 s";
        Assert.Equal((FailureReason.None, AsBefore), Execute(Commands.ReportMonitoring, "board.temperature"));
        Assert.Equal((FailureReason.None, set), Execute(Commands.SetLimits, "board.temperature", "..330", "250..340", 5));
        Assert.Equal((FailureReason.None, set), Execute(Commands.ReportMonitoring, "board.temperature"));
        Assert.Equal((FailureReason.None, "limits by command: board.temperature"), Execute(Commands.ReportMonitoring, "all"));
    }

    [Fact]
    public void Limits_set_as_the_dictionary_has_them_are_the_dictionarys_again()
    {
        Execute(Commands.SetLimits, "board.temperature", "..330", "250..340", 5);
        Assert.Equal((FailureReason.None, AsBefore), Execute(Commands.SetLimits, "board.temperature", "253.15..348.15", "243.15..353.15"));
        Assert.Equal((FailureReason.None, "all nominal, by the dictionary's limits"), Execute(Commands.ReportMonitoring, "all"));
    }

    [Fact]
    public void A_report_of_many_tells_how_many_more_there_are()
    {
        foreach (ParameterDefinition parameter in Parameters.All.Take(11))
            Execute(Commands.DisableMonitoring, parameter.Name);
        string detail = Execute(Commands.ReportMonitoring, "all").Detail;
        Assert.StartsWith($"disabled: {Parameters.All[0].Name}, ", detail, StringComparison.Ordinal);
        Assert.EndsWith(" and 3 more", detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Monitoring_is_disabled_and_enabled()
    {
        Assert.Equal((FailureReason.None, AsBefore.Replace("nominal", "disabled", StringComparison.Ordinal)), Execute(Commands.DisableMonitoring, "board.temperature"));
        Assert.Equal((FailureReason.None, "disabled: board.temperature"), Execute(Commands.ReportMonitoring, "all"));
        Assert.Equal((FailureReason.None, AsBefore), Execute(Commands.EnableMonitoring, "board.temperature"));
    }

    [Fact]
    public void A_parameter_that_nobody_knows_is_not_found()
    {
        foreach (CommandDefinition definition in (CommandDefinition[])[Commands.EnableMonitoring, Commands.DisableMonitoring, Commands.ReportMonitoring])
            Assert.Equal((FailureReason.NotFound, "parameter: expected one of the dictionary, found 'board.heat'"), Execute(definition, "board.heat"));
        Assert.Equal(FailureReason.NotFound, Execute(Commands.SetLimits, "board.heat", "none", "none").Reason);
        Assert.Equal(FailureReason.NotFound, Execute(Commands.DisableMonitoring, "all").Reason);
    }

    [Theory]
    [InlineData("250..360", "240..350", "expected the soft range within the hard one, found soft 250..360, hard 240..350")]
    [InlineData("NaN..", "none", "soft: expected finite numbers as LOW..HIGH, LOW.., ..HIGH, or none, found 'NaN..'")]
    [InlineData("none", "..Infinity", "hard: expected finite numbers as LOW..HIGH, LOW.., ..HIGH, or none, found '..Infinity'")]
    [InlineData("75", "none", "soft: expected finite numbers as LOW..HIGH, LOW.., ..HIGH, or none, found '75'")]
    public void Limits_that_cannot_be_watched_by_are_refused_and_change_nothing(string soft, string hard, string fault)
    {
        Assert.Equal((FailureReason.InvalidArgument, fault), Execute(Commands.SetLimits, "board.temperature", soft, hard));
        Assert.Equal((FailureReason.None, AsBefore), Execute(Commands.ReportMonitoring, "board.temperature"));
    }

    [Fact]
    public void What_the_disk_refuses_is_said()
    {
        Assert.True(_database.TryWrite(_database, static database =>
        {
            using var broken = database.Prepare("CREATE TABLE monitoring (parameter TEXT)");
            broken.ExecuteNonQuery();
        }));
        Assert.Equal((FailureReason.ResourceExhausted, $"the flight database can't be written; as before: {AsBefore}"), Execute(Commands.DisableMonitoring, "board.temperature"));
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }
}
