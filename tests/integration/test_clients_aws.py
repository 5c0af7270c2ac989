"""boto3 against moto's server: S3, DynamoDB and SQS, recorded to a file and played from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.clients import record, replay

boto3 = pytest.importorskip("boto3")
moto = pytest.importorskip("moto.server")
exceptions = pytest.importorskip("botocore.exceptions")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    server = moto.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    made: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        # Nothing of the machine's own configuration.
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            patch.setenv(name, str(tmp_path_factory.mktemp("aws") / "none"))
        session = boto3.Session("testing", "testing", region_name="us-east-1")

        def client(name: str) -> Any:
            if name not in made:
                made[name] = session.client(name, endpoint_url=f"http://{host}:{port}")
            return made[name]

        yield client
    server.stop()


def told(answer: dict[str, Any]) -> dict[str, Any]:
    """What a caller sees of an answer, with a body read."""
    return {name: value.read() if hasattr(value, "read") else value for name, value in answer.items()}


def with_s3(client: Any) -> list[Any]:
    client.create_bucket(Bucket="things")
    client.put_object(Bucket="things", Key="a/b ä.bin", Body=bytes(range(256)), Metadata={"one": "1"})
    seen = [
        told(client.get_object(Bucket="things", Key="a/b ä.bin")),
        told(client.head_object(Bucket="things", Key="a/b ä.bin")),
        told(client.list_objects_v2(Bucket="things")),
        told(client.delete_object(Bucket="things", Key="a/b ä.bin")),
    ]
    with pytest.raises(exceptions.ClientError) as missing:
        client.get_object(Bucket="things", Key="none")
    return [*seen, missing.value.response]


def with_dynamodb(client: Any) -> list[Any]:
    client.create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    # One URL, one method: they are told apart by their target and their body alone.
    for number in range(3):
        client.put_item(TableName="things", Item={"id": {"S": str(number)}, "bytes": {"B": bytes([number])}})
    return [
        *(client.get_item(TableName="things", Key={"id": {"S": str(number)}}) for number in (2, 0, 1)),
        client.scan(TableName="things"),
    ]


def with_sqs(client: Any) -> list[Any]:
    url = client.create_queue(QueueName="things")["QueueUrl"]
    sent = [client.send_message(QueueUrl=url, MessageBody=text) for text in ("one", "two & <three>")]
    received = [client.receive_message(QueueUrl=url, MaxNumberOfMessages=1) for _ in range(2)]
    handles = [answer["Messages"][0]["ReceiptHandle"] for answer in received]
    gone = [client.delete_message(QueueUrl=url, ReceiptHandle=handle) for handle in handles]
    return [*sent, *received, *gone, client.receive_message(QueueUrl=url)]


@pytest.mark.parametrize(("name", "use"), [("s3", with_s3), ("dynamodb", with_dynamodb), ("sqs", with_sqs)])
def test_a_service_replays_as_it_was(
    name: str, use: Callable[[Any], list[Any]], aws: Callable[[str], Any], tmp_path: Path
) -> None:
    client = aws(name)
    live = record(tmp_path / "c.yaml", lambda: use(client))
    # Each would fail if it were sent twice: the bucket and the table are there, and the queue is empty.
    assert replay(tmp_path / "c.yaml", lambda: use(client)) == live
