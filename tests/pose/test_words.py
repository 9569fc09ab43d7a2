from posekit.pose.words import count_people


def test_people_are_counted_in_words():
    assert [count_people(number) for number in range(3)] == ["nobody", "1 person", "2 people"]
